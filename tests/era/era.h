/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * era/era.h - what the programs of the eras need to be tests.
 *
 * Apart from this they are what somebody would have written in their year:
 * nothing here knows the library.  A program says CHECK() of what it sees and
 * ends with era_result().
 */
#ifndef LWS_TESTS_ERA_H
#define LWS_TESTS_ERA_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

/* Their initialisers have as many values as the structs had members then. */
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#endif

static int era_faults;

#define CHECK(what) era_check((what) ? 1 : 0, #what, __FILE__, __LINE__)

static inline int
era_check(int good, const char *what, const char *file, int line)
{
	if (!good) {
		fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
		era_faults++;
	}
	return good;
}

/* exit status; @what was to happen and @happened says whether it did */
static inline int
era_result(int happened, const char *what)
{
	if (!happened) {
		fprintf(stderr, "did not happen in time: %s\n", what);
		era_faults++;
	}
	return era_faults ? 1 : 0;
}

static inline long
era_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* No program takes this long; a slow machine under a checker may. */
#define ERA_PATIENCE 20000

static inline long
era_deadline(void)
{
	return era_now() + ERA_PATIENCE;
}

static inline struct sockaddr_in
era_loopback(int port)
{
	struct sockaddr_in sin;

	memset(&sin, 0, sizeof(sin));
	sin.sin_family = AF_INET;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((unsigned short)port);
	return sin;
}

/* A port nobody listens on now: before 130 a server cannot ask for any. */
static inline int
era_free_port(void)
{
	struct sockaddr_in sin = era_loopback(0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len)) {
		perror("a free port");
		exit(1);
	}
	close(fd);
	return ntohs(sin.sin_port);
}

/* A browser of sorts: a socket, and all that came back on it. */
struct browser {
	int fd;
	int ended;
	size_t len;
	char reply[65536];
};

/* Connect and say @request; the server is in this process and never waits. */
static inline void
browser_ask(struct browser *b, int port, const char *request)
{
	struct sockaddr_in sin = era_loopback(port);
	size_t len = strlen(request);

	b->ended = 0;
	b->len = 0;
	b->reply[0] = '\0';
	b->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (b->fd < 0 ||
	    connect(b->fd, (struct sockaddr *)&sin, sizeof(sin)) ||
	    send(b->fd, request, len, 0) != (ssize_t)len) {
		perror("browser");
		exit(1);
	}
	fcntl(b->fd, F_SETFL, O_NONBLOCK);
}

static inline void
browser_say(struct browser *b, const char *more)
{
	size_t len = strlen(more);

	CHECK(send(b->fd, more, len, 0) == (ssize_t)len);
}

/* Take what is there. */
static inline void
browser_look(struct browser *b)
{
	ssize_t n;

	while (!b->ended && b->len < sizeof(b->reply) - 1) {
		n = recv(b->fd, b->reply + b->len,
			 sizeof(b->reply) - 1 - b->len, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			b->ended = 1;
			return;
		}
		b->len += (size_t)n;
		b->reply[b->len] = '\0';
	}
}

static inline int
browser_has(const struct browser *b, const char *text)
{
	return strstr(b->reply, text) != NULL;
}

/* how often @text is in the reply */
static inline int
browser_count(const struct browser *b, const char *text)
{
	const char *p = b->reply;
	int n = 0;

	while ((p = strstr(p, text)) != NULL) {
		p += strlen(text);
		n++;
	}
	return n;
}

static inline void
browser_close(struct browser *b)
{
	close(b->fd);
	b->fd = -1;
}

/* A file with @len bytes of text, for a server to serve; unlink() @path. */
static inline void
era_make_file(char *path, size_t size, size_t len)
{
	const char *dir = getenv("TMPDIR");
	size_t n;
	FILE *f;
	int fd;

	snprintf(path, size, "%s/lws-era-XXXXXX", dir && *dir ? dir : "/tmp");
	fd = mkstemp(path);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	for (n = 0; n < len; n++)
		fputc(n % 64 == 63 ? '\n' : 'a' + (int)(n % 26), f);
	fclose(f);
}

#endif
