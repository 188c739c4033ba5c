/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * poll.h - poll() over WSAPoll(): plat/win/poll.c.
 *
 * The bits and struct pollfd are Winsock's, as applications have them.
 */
#ifndef LWS_WIN_POLL_H
#define LWS_WIN_POLL_H

#include <winsock2.h>

typedef unsigned long nfds_t;

/* as poll(2); sockets only, and no signal interrupts it */
int lws_win_poll(struct pollfd *fds, nfds_t count, int timeout_ms);

/* another library of the same program may have a poll() as well */
#define poll(fds, count, timeout_ms) lws_win_poll(fds, count, timeout_ms)

#endif
