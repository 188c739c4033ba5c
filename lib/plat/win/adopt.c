/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/adopt.c - listening sockets that somebody else has opened.
 */
#include "plat/plat.h"
#include "plat/win/win.h"

#include "base/err.h"

/* a socket option that is a number, or -1 */
static int
option(int fd, int which)
{
	int value = -1, len = sizeof(value);

	if (getsockopt((SOCKET)fd, SOL_SOCKET, which, (char *)&value, &len))
		return -1;
	return value;
}

int
lws_plat_adopt_listener(int fd)
{
	u_long on = 1;

	if (option(fd, SO_TYPE) != SOCK_STREAM ||
	    option(fd, SO_ACCEPTCONN) <= 0 ||
	    ioctlsocket((SOCKET)fd, (long)FIONBIO, &on))
		return LWS_ERR_UNSUPPORTED;
	SetHandleInformation((HANDLE)(SOCKET)fd, HANDLE_FLAG_INHERIT, 0);
	return 0;
}

int
lws_plat_duplicate(int fd)
{
	WSAPROTOCOL_INFOW info;
	int copy;

	if (WSADuplicateSocketW((SOCKET)fd, GetCurrentProcessId(), &info))
		return LWS_ERR_NOFD;
	copy = lws_win_adopt(WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
					FROM_PROTOCOL_INFO, &info, 0,
					WSA_FLAG_OVERLAPPED));
	return copy < 0 ? LWS_ERR_NOFD : copy;
}
