/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/file.c - the files that the HTTP side serves.
 *
 * Regular files only: names like "con" and "com1" are devices in every folder,
 * so the kind is asked of the open descriptor.  Names are UTF-8; what is none
 * is taken as the code page of the system has it.  Bytes are bytes: no line end
 * is translated.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <winsock2.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/size.h"

static int
cannot_open(void)
{
	switch (errno) {
	case ENOENT:
	case EINVAL:
	case ENAMETOOLONG:
		return LWS_ERR_NOENT;
	case EACCES:
	case EPERM:
		return LWS_ERR_ACCESS;
	case EMFILE:
		return LWS_ERR_NOFD;
	default:
		return LWS_ERR_IO;
	}
}

/* @path in the units of the system; lws_free() it, NULL with errno */
static wchar_t *
widen(const char *path)
{
	UINT page = CP_UTF8;
	DWORD flags = MB_ERR_INVALID_CHARS;
	wchar_t *wide;
	int len;

	len = MultiByteToWideChar(page, flags, path, -1, NULL, 0);
	if (!len) {
		page = CP_ACP;
		flags = 0;
		len = MultiByteToWideChar(page, flags, path, -1, NULL, 0);
	}
	errno = len ? ENOMEM : ENOENT;
	wide = len ? lws_alloc((size_t)len * sizeof(*wide)) : NULL;
	if (wide)
		MultiByteToWideChar(page, flags, path, -1, wide, len);
	return wide;
}

static int
open_wide(const wchar_t *path)
{
	const DWORD kind = GetFileAttributesW(path);

	if (kind != INVALID_FILE_ATTRIBUTES && kind & FILE_ATTRIBUTE_DIRECTORY)
		errno = ENOENT;
	else
		return _wopen(path, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
	return -1;
}

int
lws_plat_file_open(const char *path, uint64_t *size)
{
	wchar_t *wide = widen(path);
	const int fd = wide ? open_wide(wide) : -1;
	struct _stat64 st;
	int rc;

	lws_free(wide);
	if (fd < 0)
		return cannot_open();
	if (GetFileType((HANDLE)_get_osfhandle(fd)) != FILE_TYPE_DISK)
		rc = LWS_ERR_NOENT;
	else
		rc = _fstat64(fd, &st) ? LWS_ERR_IO : 0;
	if (rc) {
		lws_plat_file_close(fd);
		return rc;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

ssize_t
lws_plat_file_read(int fd, void *buf, size_t len)
{
	const int n = _read(fd, buf, (unsigned)lws_min(len, (size_t)INT_MAX));

	return n < 0 ? LWS_ERR_IO : n;
}

void
lws_plat_file_close(int fd)
{
	const int saved = errno;

	_close(fd);
	errno = saved;
}
