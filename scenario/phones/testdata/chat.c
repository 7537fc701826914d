// chat is a phone for texts: the chat of liblinphone 5.1, which linphonec has no
// commands for. It reads commands and tells what happens, a line each.
//
//	chat RC
//	send cpim|plain URI TEXT   sends a text, as message/cpim where cpim
//	typing URI                 tells somebody that a text is being written
//	read                       marks all that was received as read
//	quit
//
// The functions are declared here, so that no headers need be installed.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Core Core;
typedef struct Factory Factory;
typedef struct Cbs Cbs;
typedef struct Room Room;
typedef struct Message Message;
typedef struct Address Address;
typedef struct List { struct List *next, *prev; void *data; } List;

Factory *linphone_factory_get(void);
Core *linphone_factory_create_core_3(Factory *, const char *, const char *, void *);
Cbs *linphone_factory_create_core_cbs(Factory *);
Cbs *linphone_factory_create_chat_message_cbs(Factory *);
void linphone_core_cbs_set_message_received(Cbs *, void (*)(Core *, Room *, Message *));
void linphone_core_cbs_set_account_registration_state_changed(Cbs *, void (*)(Core *, void *, int, const char *));
void linphone_core_cbs_set_is_composing_received(Cbs *, void (*)(Core *, Room *));
void linphone_core_add_callbacks(Core *, Cbs *);
int linphone_core_start(Core *);
void linphone_core_iterate(Core *);
void linphone_core_stop(Core *);
Room *linphone_core_get_chat_room_from_uri(Core *, const char *);
const List *linphone_core_get_chat_rooms(Core *);
void linphone_chat_room_allow_cpim(Room *);
void linphone_chat_room_mark_as_read(Room *);
void linphone_chat_room_compose(Room *);
unsigned char linphone_chat_room_is_remote_composing(const Room *);
const Address *linphone_chat_room_get_peer_address(Room *);
Message *linphone_chat_room_create_message_from_utf8(Room *, const char *);
void linphone_chat_message_add_callbacks(Message *, Cbs *);
void linphone_chat_message_cbs_set_msg_state_changed(Cbs *, void (*)(Message *, int));
void linphone_chat_message_send(Message *);
const char *linphone_chat_message_get_utf8_text(const Message *);
const char *linphone_chat_message_state_to_string(int);
const char *linphone_chat_message_get_content_type(const Message *);
long linphone_chat_message_get_time(const Message *);
const Address *linphone_chat_message_get_from_address(const Message *);
char *linphone_address_as_string_uri_only(const Address *);

static void registration(Core *core, void *account, int state, const char *why) {
	printf("registration %d %s\n", state, why);
}

static void received(Core *core, Room *room, Message *m) {
	char *from = linphone_address_as_string_uri_only(linphone_chat_message_get_from_address(m));
	printf("received at %ld from %s: %s\n", linphone_chat_message_get_time(m), from, linphone_chat_message_get_utf8_text(m));
	free(from);
}

static void typing(Core *core, Room *room) {
	char *who = linphone_address_as_string_uri_only(linphone_chat_room_get_peer_address(room));
	printf("typing %s: %s\n", linphone_chat_room_is_remote_composing(room) ? "begun" : "ended", who);
	free(who);
}

static void changed(Message *m, int state) {
	printf("sent %s: %s\n", linphone_chat_message_state_to_string(state), linphone_chat_message_get_utf8_text(m));
}

static void command(Core *core, char *line) {
	char how[8], uri[256];
	int n = 0;
	if (sscanf(line, "send %7s %255s %n", how, uri, &n) == 2 && n > 0) {
		Room *room = linphone_core_get_chat_room_from_uri(core, uri);
		if (strcmp(how, "cpim") == 0) linphone_chat_room_allow_cpim(room);
		Message *m = linphone_chat_room_create_message_from_utf8(room, line + n);
		Cbs *cbs = linphone_factory_create_chat_message_cbs(linphone_factory_get());
		linphone_chat_message_cbs_set_msg_state_changed(cbs, changed);
		linphone_chat_message_add_callbacks(m, cbs);
		linphone_chat_message_send(m);
	} else if (sscanf(line, "typing %255s", uri) == 1) {
		linphone_chat_room_compose(linphone_core_get_chat_room_from_uri(core, uri));
	} else if (strcmp(line, "read") == 0) {
		for (const List *l = linphone_core_get_chat_rooms(core); l; l = l->next) linphone_chat_room_mark_as_read(l->data);
	} else {
		printf("no such command: %s\n", line);
	}
}

int main(int argc, char **argv) {
	if (argc != 2) {
		fprintf(stderr, "usage: chat RC\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	Factory *factory = linphone_factory_get();
	Core *core = linphone_factory_create_core_3(factory, argv[1], NULL, NULL);
	Cbs *cbs = linphone_factory_create_core_cbs(factory);
	linphone_core_cbs_set_message_received(cbs, received);
	linphone_core_cbs_set_is_composing_received(cbs, typing);
	linphone_core_cbs_set_account_registration_state_changed(cbs, registration);
	linphone_core_add_callbacks(core, cbs);
	linphone_core_start(core);
	printf("ready\n");
	static char line[1 << 16];
	size_t have = 0;
	for (;;) {
		struct pollfd in = {.fd = 0, .events = POLLIN};
		if (poll(&in, 1, 20) > 0) {
			ssize_t n = read(0, line + have, sizeof line - 1 - have);
			if (n <= 0) break;
			have += n;
			line[have] = 0;
			char *end;
			while ((end = strchr(line, '\n'))) {
				*end = 0;
				if (strcmp(line, "quit") == 0) goto out;
				command(core, line);
				have -= end + 1 - line;
				memmove(line, end + 1, have + 1);
			}
		}
		linphone_core_iterate(core);
	}
out:
	linphone_core_stop(core);
	return 0;
}
