/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tests/plat/like-bsd.h - Linux without what is Linux's own.
 *
 * Included in front of every file by rows of scripts/matrix, together with
 * -U__linux__: there is no BSD to build on, but its paths through lib/plat can
 * be compiled, and tried, where the headers do not show the others.  Not every
 * BSD lacks all of this.
 */
#ifndef LWS_TESTS_PLAT_LIKE_BSD_H
#define LWS_TESTS_PLAT_LIKE_BSD_H

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

/* accept4(), dup3() and their flags */
#undef SOCK_CLOEXEC
#undef SOCK_NONBLOCK

/* keepalive times of a socket, and what its peer has acknowledged */
#undef TCP_INFO
#undef TCP_KEEPCNT
#undef TCP_KEEPIDLE
#undef TCP_KEEPINTVL

#undef CLOCK_MONOTONIC_COARSE
#undef F_SETSIG
#undef POLLRDHUP

/* macOS: what send() is not told, each socket is; for compiling only. */
#ifdef LIKE_MACOS
#undef MSG_NOSIGNAL
#define SO_NOSIGPIPE 0x1022
#endif

#endif
