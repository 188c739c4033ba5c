/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * half/half.h - what the tests of one side share: the library is that side, a
 * socket of their own the other.  They see the library as applications do.
 */
#ifndef LWS_HALF_H
#define LWS_HALF_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <libwebsockets.h>

/* nobody takes longer than this, however slow the machine: seconds */
#define PATIENCE 60

/* the other end, and what it has read as a C string */
struct other {
	int fd;
	size_t len;
	char in[4096];
};

/* Read what is there; one byte for a NUL is always left. */
static inline void
other_read(struct other *o)
{
	ssize_t n = recv(o->fd, o->in + o->len, sizeof(o->in) - 1 - o->len,
			 MSG_DONTWAIT);

	if (n > 0)
		o->len += (size_t)n;
	o->in[o->len] = '\0';
}

/* Serve until @text has come, and behind it at least @more bytes. */
static inline const char *
other_await(struct other *o, struct libwebsocket_context *context,
	    const char *text, size_t more)
{
	const time_t limit = time(NULL) + PATIENCE;
	const char *at = NULL;

	while (!at || o->len - (size_t)(at - o->in) < strlen(text) + more) {
		if (time(NULL) > limit)
			fail_msg("no '%s' within %d s", text, PATIENCE);
		libwebsocket_service(context, 10);
		other_read(o);
		at = strstr(o->in, text);
	}
	return at + strlen(text);
}

static inline void
other_send(struct other *o, const void *data, size_t len)
{
	assert_int_equal(send(o->fd, data, len, 0), len);
}

static inline struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in a;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* what a context has to be given, whatever it is for */
static inline struct lws_context_creation_info
half_info(struct libwebsocket_protocols *protocols, int port)
{
	struct lws_context_creation_info info;

	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.port = port;
	info.iface = "127.0.0.1";
	info.gid = -1;
	info.uid = -1;
	return info;
}

#endif
