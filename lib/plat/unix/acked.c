/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/acked.c - how much of what was sent has arrived.
 *
 * Apart from the other sockets because this header of the kernel and that of
 * the C library define the same things.
 */
#include "plat/plat.h"

#include <netinet/in.h>

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/tcp.h>)
#include <linux/tcp.h>
#endif
#endif

#ifdef TCP_INFO

uint64_t
lws_plat_acked(int fd, bool *waiting)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	*waiting = false;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
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
