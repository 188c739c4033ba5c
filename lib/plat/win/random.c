/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/random.c - random bytes from the system's generator.
 *
 * There is nothing to open, and SYSTEM_RANDOM_FILEPATH names nothing here.
 */
#include "plat/plat.h"

#include <errno.h>
#include <limits.h>
#include <winsock2.h>
#include <bcrypt.h>

#include "base/err.h"
#include "base/size.h"

int
lws_plat_random_open(void)
{
	return 0;
}

int
lws_plat_random(int random_fd, void *buf, size_t len)
{
	uint8_t *at = buf;

	(void)random_fd;
	while (len) {
		const size_t n = lws_min(len, (size_t)INT_MAX);

		if (BCryptGenRandom(NULL, at, (ULONG)n,
				    BCRYPT_USE_SYSTEM_PREFERRED_RNG)) {
			errno = EIO;
			return LWS_ERR_IO;
		}
		at += n;
		len -= n;
	}
	return 0;
}

void
lws_plat_random_close(int random_fd)
{
	(void)random_fd;
}
