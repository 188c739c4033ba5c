/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/random.c - random bytes from the system's device.
 *
 * The descriptor blocks, so that at boot one waits for real randomness.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"

int
lws_plat_random_open(void)
{
	const int fd = open(SYSTEM_RANDOM_FILEPATH,
			    O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? LWS_ERR_IO : fd;
}

int
lws_plat_random(int random_fd, void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len) {
		const ssize_t n = read(random_fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return LWS_ERR_IO;
		if (!n) {
			errno = EIO;
			return LWS_ERR_IO;
		}
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

void
lws_plat_random_close(int random_fd)
{
	close(random_fd);
}
