/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/acked.c - how much of what was sent has arrived.
 *
 * Apart from the other sockets because this header of the kernel and that of
 * the C library define the same things.
 */
#include "plat/plat.h"

#include <netinet/in.h>

/*
 * glibc's own struct tcp_info ends before the members that we want.  musl has
 * them, and often comes without headers of the kernel.
 */
#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/tcp.h>)
#include <linux/tcp.h>
#define KNOWN
#elif !defined(__GLIBC__) && !defined(__UCLIBC__)
#include <netinet/tcp.h>
#define KNOWN
#endif
#endif

#ifdef KNOWN

/* A kernel, or what passes for one, may know less than the header. */
static bool
is_told(socklen_t len)
{
	const size_t acked = offsetof(struct tcp_info, tcpi_bytes_acked) +
			     sizeof(uint64_t);
	const size_t unsent = offsetof(struct tcp_info, tcpi_notsent_bytes) +
			      sizeof(uint32_t);

	return len >= acked && len >= unsent;
}

uint64_t
lws_plat_acked(int fd, bool *waiting)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	*waiting = false;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) || !is_told(len))
		return 0;
	*waiting = info.tcpi_unacked || info.tcpi_notsent_bytes;
	return info.tcpi_bytes_acked;
}

#else

uint64_t
lws_plat_acked(int fd, bool *waiting)
{
	(void)fd;
	*waiting = false;
	return 0;
}

#endif
