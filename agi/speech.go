package agi

// speechCommands are those of engines that recognise speech. There is none, as in
// an original without such a module: CREATE says so by 0, and so do all that need
// what it would have made.
func speechCommands() []command {
	none := func(words int) func(*session, []string) (string, error) {
		return func(_ *session, args []string) (string, error) {
			if len(args) < words {
				return "", errUsage
			}
			return "result=0", nil
		}
	}
	return []command{
		{words: "SPEECH ACTIVATE GRAMMAR", args: "<grammar name>", synopsis: "Activates a grammar. There is no speech engine.", run: none(1)},
		{words: "SPEECH CREATE", args: "<engine>", synopsis: "Begins to recognise speech. There is no speech engine: the result is 0.", run: none(1)},
		{words: "SPEECH DEACTIVATE GRAMMAR", args: "<grammar name>", synopsis: "Deactivates a grammar. There is no speech engine.", run: none(1)},
		{words: "SPEECH DESTROY", synopsis: "Ends what SPEECH CREATE began. There is no speech engine.", run: none(0)},
		{words: "SPEECH LOAD GRAMMAR", args: "<grammar name> <path to grammar>", synopsis: "Loads a grammar. There is no speech engine.", run: none(2)},
		{words: "SPEECH RECOGNIZE", args: "<prompt> <timeout> [<offset>]", synopsis: "Recognises speech. There is no speech engine.", run: none(2)},
		{words: "SPEECH SET", args: "<name> <value>", synopsis: "Sets an option of the engine. There is no speech engine.", run: none(2)},
		{words: "SPEECH UNLOAD GRAMMAR", args: "<grammar name>", synopsis: "Unloads a grammar. There is no speech engine.", run: none(1)},
	}
}
