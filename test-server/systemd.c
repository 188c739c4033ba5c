/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * systemd.c - a service manager that opens our socket and likes to be told.
 *
 * Both ways are environment variables and need no library: LISTEN_FDS says how
 * many sockets are open from descriptor 3 on, NOTIFY_SOCKET where datagrams of
 * a few words go.  Any manager may use them; systemd invented them.
 */
#include "common.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32

int
given_socket(void)
{
	return 0;
}

void
tell_manager(const char *state)
{
	(void)state;
}

#else

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_GIVEN 3

/* the variable as a number, 0 when it is none */
static long
number_of(const char *name)
{
	const char *text = getenv(name);

	return text ? strtol(text, NULL, 10) : 0;
}

int
given_socket(void)
{
	const long count = number_of("LISTEN_FDS");
	const bool ours = number_of("LISTEN_PID") == (long)getpid();

	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	if (!ours || count < 1)
		return 0;
	if (count > 1)
		lwsl_warn("%ld sockets are given to us, and the first alone "
			  "is used\n", count);
	return FIRST_GIVEN;
}

void
tell_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un at;
	socklen_t len;
	int fd;

	if (!path || strlen(path) >= sizeof(at.sun_path))
		return;
	memset(&at, 0, sizeof(at));
	at.sun_family = AF_UNIX;
	memcpy(at.sun_path, path, strlen(path));
	/* a name that is no file begins with a NUL, written as '@' */
	if (at.sun_path[0] == '@')
		at.sun_path[0] = '\0';
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			  strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0 ||
	    sendto(fd, state, strlen(state), 0, (struct sockaddr *)&at,
		   len) < 0)
		lwsl_warn("the service manager cannot be told %s\n", state);
	if (fd >= 0)
		close(fd);
}

#endif
