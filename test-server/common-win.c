/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * common-win.c - what the test programs want of a system, from Windows.
 */
#include "common.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

long long
now_us(void)
{
	LARGE_INTEGER ticks, rate;

	QueryPerformanceFrequency(&rate);
	QueryPerformanceCounter(&ticks);
	return ticks.QuadPart / rate.QuadPart * 1000000 +
	       ticks.QuadPart % rate.QuadPart * 1000000 / rate.QuadPart;
}

/* With slashes, and without the marks that lift limits of the system. */
static bool
simplify(const char *name, char *full)
{
	char *p;

	if (!strncmp(name, "\\\\?\\", 4))
		name += 4;
	if (strlen(name) >= PATH_MAX)
		return false;
	strcpy(full, name);
	for (p = full; *p; p++)
		if (*p == '\\')
			*p = '/';
	if (p > full && p[-1] == '/')
		p[-1] = '\0';
	return true;
}

bool
full_path(const char *path, char *full)
{
	const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE |
			    FILE_SHARE_DELETE;
	char name[PATH_MAX + 4];
	DWORD len;
	HANDLE file;

	/* the flag lets folders be opened, too */
	file = CreateFileA(path, 0, share, NULL, OPEN_EXISTING,
			   FILE_FLAG_BACKUP_SEMANTICS, NULL);
	errno = ENOENT;
	if (file == INVALID_HANDLE_VALUE)
		return false;
	len = GetFinalPathNameByHandleA(file, name, sizeof(name), 0);
	CloseHandle(file);
	return len && len < sizeof(name) && simplify(name, full);
}

int
poll_sockets(struct libwebsocket_pollfd *fds, unsigned int count,
	     int timeout_ms)
{
	int n = WSAPoll((WSAPOLLFD *)fds, count, timeout_ms);

	if (n < 0)
		lwsl_err("WSAPoll: error %d\n", WSAGetLastError());
	return n;
}

/* There is none. */
void
raise_descriptor_limit(void)
{
}
