/*
 * The least that a relay with a socket for each stream can do: wait for
 * packets, read one, send it out of the other socket of its pair. It learns
 * nothing, checks nothing and changes nothing.
 *
 *   loop STREAMS OUR-ADDRESS PHONES-ADDRESS FIRST-PORT
 *
 * It says "up", waits for a line, opens its sockets, writes their ports, one a
 * line, and "ready". What comes on socket i goes to the phone of socket i^1:
 * phones have every second port from FIRST-PORT on.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct sockaddr_in address(const char *host, int port)
{
	struct sockaddr_in a;
	memset(&a, 0, sizeof a);
	a.sin_family = AF_INET;
	a.sin_port = htons(port);
	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		fail(host);
	return a;
}

struct leg {
	int fd;
	struct sockaddr_in phone;
};

int main(int argc, char **argv)
{
	char line[16], packet[2048];
	struct epoll_event events[64];
	if (argc != 5)
		return 2;
	int n = atoi(argv[1]);
	puts("up");
	fflush(stdout);
	if (!fgets(line, sizeof line, stdin))
		return 0;
	struct leg *legs = calloc(n, sizeof *legs);
	int ep = epoll_create1(0);
	if (!legs || ep < 0)
		fail("epoll");
	for (int i = 0; i < n; i++) {
		struct sockaddr_in here = address(argv[2], 0);
		socklen_t size = sizeof here;
		struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
		legs[i].phone = address(argv[3], atoi(argv[4]) + 2 * i);
		legs[i].fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		if (legs[i].fd < 0 || bind(legs[i].fd, (struct sockaddr *)&here, size) ||
		    getsockname(legs[i].fd, (struct sockaddr *)&here, &size) || epoll_ctl(ep, EPOLL_CTL_ADD, legs[i].fd, &e))
			fail("socket");
		printf("%d\n", ntohs(here.sin_port));
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int ready = epoll_wait(ep, events, 64, -1);
		for (int i = 0; i < ready; i++) {
			struct leg *from = &legs[events[i].data.u32], *to = &legs[events[i].data.u32 ^ 1];
			struct sockaddr_in source;
			socklen_t size = sizeof source;
			ssize_t len = recvfrom(from->fd, packet, sizeof packet, 0, (struct sockaddr *)&source, &size);
			if (len > 0)
				sendto(to->fd, packet, len, 0, (struct sockaddr *)&to->phone, sizeof to->phone);
		}
	}
}
