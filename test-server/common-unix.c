/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * common-unix.c - what the test programs want of a system, from POSIX.
 */
#include "common.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

long long
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool
full_path(const char *path, char *full)
{
	return realpath(path, full) != NULL;
}

int
poll_sockets(struct libwebsocket_pollfd *fds, unsigned int count,
	     int timeout_ms)
{
	int n = poll(fds, (nfds_t)count, timeout_ms);

	if (n >= 0)
		return n;
	if (errno == EINTR)
		return 0;
	lwsl_err("poll: %s\n", strerror(errno));
	return -1;
}

void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
