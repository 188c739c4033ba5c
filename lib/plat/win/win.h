/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/win.h - what the files of this folder share.
 *
 * A socket is a number that a process has few of, so it fits an int: handles
 * of the kernel use 32 bits at most, on 64-bit systems too.
 */
#ifndef LWS_PLAT_WIN_WIN_H
#define LWS_PLAT_WIN_WIN_H

#include <winsock2.h>

/* error.c: errno from @error, which Winsock had for us; LWS_ERR_IO */
int lws_win_failed(int error);

/* socket.c: @s as a descriptor, non-blocking and not inherited, or -1 */
int lws_win_adopt(SOCKET s);

#endif
