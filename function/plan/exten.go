package plan

import (
	"slices"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

// evalExten is EVAL_EXTEN([[context,]extension,]priority): what the Return at that place returns, filled in as if the channel were there.
func evalExten(x *pbx.Exec, args string) (string, error) {
	if args == "" {
		return "", argument.Missing("EVAL_EXTEN([[<context>,]<extension>,]<priority>)")
	}
	at, err := x.Target(args)
	if err != nil {
		return "", err
	}
	step := x.Find(at)
	if step == nil {
		return "", argument.Complain("Could not find extension %s@%s, priority %d", at.Exten, at.Context, at.Priority)
	}
	if !strings.EqualFold(step.App, "Return") {
		return "", argument.Complain("EVAL_EXTEN reads a Return, and %s@%s, priority %d is a %s", at.Exten, at.Context, at.Priority, step.App)
	}
	return argument.Nested(x, func() string { return x.ExpandAt(at, step.Data) })
}

// ifModule is IFMODULE(name): whether the work of a module of the original is done here.
func ifModule(name string) (string, error) {
	if name == "" {
		return "", argument.Complain("IFMODULE() requires an argument")
	}
	stem, so := strings.CutSuffix(strings.ToLower(name), ".so")
	return argument.OneOrZero(so && slices.Contains(modules(), stem)), nil
}

// modules are those of the original whose work is done here.
func modules() []string {
	return strings.Fields(`app_authenticate app_cdr app_celgenuserevent app_chanisavail app_channelredirect app_controlplayback app_db app_dial app_directed_pickup
	app_directory app_disa app_dumpchan app_echo app_exec app_forkcdr app_mixmonitor app_milliwatt app_morsecode app_originate app_playback app_playtones
	app_privacy app_read app_readexten app_record app_sayunixtime app_senddtmf app_sendtext app_softhangup app_stack app_system app_transfer app_userevent
	app_verbose app_voicemail app_waitforsilence app_waituntil app_while app_zapateller cdr_csv cdr_custom cdr_pgsql chan_sip codec_a_mu codec_adpcm codec_alaw
	codec_g722 codec_g726 codec_gsm codec_ulaw format_g722 format_gsm format_pcm format_sln format_wav format_wav_gsm func_aes func_base64 func_blacklist
	func_callerid func_cdr func_channel func_config func_curl func_cut func_db func_devstate func_dialgroup func_dialplan func_env func_evalexten func_export
	func_extstate func_global func_groupcount func_hangupcause func_iconv func_json func_lock func_logic func_math func_md5 func_module func_rand func_realtime
	func_sha1 func_shell func_sprintf func_srv func_strings func_sysinfo func_timeout func_uri func_version func_volume pbx_config res_agi res_musiconhold
	res_rtp_asterisk`)
}
