/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * utf8_bench.c - what checking text costs: ASCII, then the same with one
 * foreign letter in 64 bytes, then a text of three bytes to a character.
 */
#include <stddef.h>
#include <string.h>

#include "ws/utf8.h"

#include "bench.h"

struct text {
	uint8_t bytes[16386];
	size_t len;
	int failed;
};

static struct text texts[3];

static void
work(const void *arg)
{
	const struct text *text = arg;
	uint32_t state = LWS_UTF8_ACCEPT;

	if (lws_utf8_check(&state, text->bytes, text->len))
		texts[0].failed = 1;
}

int
main(void)
{
	static const char *const names[] = { "ascii ", "mixed ", "foreign " };
	static const size_t lengths[] = { 20, 1024, 16384 };
	size_t n, i;

	memset(texts[0].bytes, 'a', sizeof(texts[0].bytes));
	texts[1] = texts[0];
	for (n = 30; n + 2 <= sizeof(texts[1].bytes); n += 64)
		memcpy(texts[1].bytes + n, "\xc3\xa4", 2);
	for (n = 0; n + 3 <= sizeof(texts[2].bytes); n += 3)
		memcpy(texts[2].bytes + n, "\xe2\x82\xac", 3);

	printf("utf8");
	for (i = 0; i < 3; i++)
		for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
			texts[i].len = lengths[n];
			bench_tell(names[i], lengths[n],
				   bench_ns(work, &texts[i]));
		}
	printf("\n");
	return texts[0].failed;
}
