/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/file.c - the files that the HTTP side serves.
 *
 * Regular files only.  The kind is asked of the open descriptor, not of the
 * path, so that nobody can swap the file in between; O_NONBLOCK keeps open()
 * from waiting for somebody at the other end of a FIFO before we can see that
 * it is one.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/err.h"

/* configure asks for 64-bit offsets where they are not the default */
LWS_STATIC_ASSERT(sizeof(off_t) == 8);

static int
cannot_open(void)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP:
	case ENXIO:
	case ENODEV:
		return LWS_ERR_NOENT;
	case EACCES:
	case EPERM:
		return LWS_ERR_ACCESS;
	case EMFILE:
	case ENFILE:
		return LWS_ERR_NOFD;
	default:
		return LWS_ERR_IO;
	}
}

int
lws_plat_file_open(const char *path, uint64_t *size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int rc;

	if (fd < 0)
		return cannot_open();
	rc = fstat(fd, &st) ? LWS_ERR_IO :
		S_ISREG(st.st_mode) ? 0 : LWS_ERR_NOENT;
	if (rc) {
		lws_plat_close(fd);
		return rc;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

ssize_t
lws_plat_file_read(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? LWS_ERR_IO : n;
}

void
lws_plat_file_close(int fd)
{
	lws_plat_close(fd);
}
