/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * records.h - text to compress: lines of JSON, as applications send them.
 *
 * Names and keys repeat, numbers do not.  It is the same at every run, and like
 * what the load generator sends, so that figures can be compared.
 */
#ifndef LWS_BENCH_RECORDS_H
#define LWS_BENCH_RECORDS_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Fill @text with @len characters of records. */
static inline void
records_fill(unsigned char *text, size_t len)
{
	static const char *const names[] = {
		"north", "east", "south", "west", "summer", "winter", "up",
		"down"
	};
	uint32_t dice = 0x9e3779b9;
	char line[128];
	size_t at, n;

	for (at = 0; at < len; at += n) {
		dice = dice * 1664525 + 1013904223;
		n = (size_t)snprintf(line, sizeof(line),
			"{\"id\":%u,\"name\":\"%s\",\"value\":%u.%03u,"
			"\"ok\":%s}\n",
			(unsigned int)(dice >> 8) % 1000000,
			names[dice >> 29], (unsigned int)(dice >> 19) % 1024,
			(unsigned int)(dice >> 12) % 1000,
			dice & 0x8000000 ? "true" : "false");
		if (n > len - at)
			n = len - at;
		memcpy(text + at, line, n);
	}
}

#endif
