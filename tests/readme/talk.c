/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * talk.c - a WebSocket client that knows nothing of the library.
 *
 * Talks to the echo server of README.md in the bytes of RFC 6455, on a plain
 * socket: a message of every length form comes back as sent, in one frame or
 * in several, and so does the Close.  Usage: talk PORT
 */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TEXT = 1, BINARY = 2, CLOSE = 8, MOST = 200000 };

static const char request[] =
	"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/* what section 1.3 of the RFC makes of that key */
static const char accept_value[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static int fd;

static void
fail(const char *why)
{
	fprintf(stderr, "talk: %s\n", why);
	exit(1);
}

static void
give(const void *from, size_t len)
{
	const char *p = from;

	while (len) {
		ssize_t n = send(fd, p, len, 0);

		if (n <= 0)
			fail("cannot send");
		p += n;
		len -= (size_t)n;
	}
}

static void
take(void *to, size_t len)
{
	char *p = to;

	while (len) {
		ssize_t n = recv(fd, p, len, 0);

		if (n <= 0)
			fail("nothing comes");
		p += n;
		len -= (size_t)n;
	}
}

/* Connect, retrying while the server is still starting. */
static void
reach(int port)
{
	static const struct timeval limit = { .tv_sec = 10 };
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_port = htons((uint16_t)port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int attempt = 0; attempt < 100; attempt++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0)
			fail("no socket");
		if (!connect(fd, (struct sockaddr *)&to, sizeof(to))) {
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
				   sizeof(limit));
			setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				   sizeof(limit));
			return;
		}
		close(fd);
		usleep(50000);
	}
	fail("nobody listens");
}

static void
shake_hands(void)
{
	char head[2048];
	size_t n = 0;

	give(request, sizeof(request) - 1);
	do {
		if (n == sizeof(head) - 1)
			fail("the answer does not end");
		take(head + n++, 1);
		head[n] = 0;
	} while (n < 4 || strcmp(head + n - 4, "\r\n\r\n"));
	if (strncmp(head, "HTTP/1.1 101 ", 13))
		fail("the answer is not 101");
	if (!strstr(head, accept_value))
		fail("the accept value is wrong");
}

/* One frame, masked with zeros, which is a mask like any other. */
static void
send_frame(int opcode, const void *payload, size_t len)
{
	unsigned char head[14] = { (unsigned char)(0x80 | opcode) };
	size_t n = 2;

	if (len < 126) {
		head[1] = (unsigned char)(0x80 | len);
	} else if (len < 65536) {
		head[1] = 0x80 | 126;
		head[n++] = (unsigned char)(len >> 8);
		head[n++] = (unsigned char)len;
	} else {
		head[1] = 0x80 | 127;
		for (int shift = 56; shift >= 0; shift -= 8)
			head[n++] = (unsigned char)((uint64_t)len >> shift);
	}
	give(head, n + 4);
	give(payload, len);
}

/* Append a frame's payload at @to; whether it is the last of its message. */
static bool
take_frame(int *opcode, char *to, size_t room, size_t *len)
{
	unsigned char head[2], size[8];
	uint64_t n;

	take(head, 2);
	if (head[0] & 0x70 || head[1] & 0x80)
		fail("a frame has bits it must not have");
	*opcode = head[0] & 15;
	n = head[1];
	if (n > 125) {
		size_t bytes = n == 126 ? 2 : 8;

		take(size, bytes);
		n = 0;
		for (size_t i = 0; i < bytes; i++)
			n = n << 8 | size[i];
	}
	if (n > room)
		fail("more comes back than was sent");
	take(to, (size_t)n);
	*len = (size_t)n;
	return head[0] & 0x80;
}

static void
echo(int kind, size_t len)
{
	static char sent[MOST], got[MOST];
	int opcode, due = kind;
	size_t total = 0, n;
	bool last;

	for (size_t i = 0; i < len; i++)
		sent[i] = (char)('a' + (i * 7 + i / 26) % 26);
	send_frame(kind, sent, len);
	do {
		last = take_frame(&opcode, got + total, len - total, &n);
		if (opcode != due)
			fail("it comes back as another kind");
		due = 0; /* what follows continues it */
		total += n;
	} while (!last);
	if (total != len || memcmp(sent, got, len))
		fail("it comes back changed");
}

int
main(int argc, char **argv)
{
	static const size_t lengths[] = {
		0, 1, 125, 126, 127, 4096, 4097, 65535, 65536, MOST
	};
	static const char goodbye[] = { 0x03, (char)0xe8 };
	char answer[125];
	size_t n;
	int opcode;

	if (argc != 2)
		fail("usage: talk PORT");
	reach(atoi(argv[1]));
	shake_hands();
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		echo(TEXT, lengths[i]);
		echo(BINARY, lengths[i]);
	}
	send_frame(CLOSE, goodbye, sizeof(goodbye));
	if (!take_frame(&opcode, answer, sizeof(answer), &n) ||
	    opcode != CLOSE || n != 2 || memcmp(answer, goodbye, 2))
		fail("the Close is not answered");
	if (recv(fd, answer, 1, 0) != 0)
		fail("the connection stays open");
	close(fd);
	return 0;
}
