/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * mask_test.c - masking against the loop of RFC 6455 section 5.3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ws/mask.h"

#define MOST  300
#define GUARD 40

typedef void mask_fn(uint8_t *to, const uint8_t *from, size_t len,
		     const uint8_t mask[4]);

static const uint8_t key[4] = { 0x37, 0xfa, 0x21, 0x3d };

static void
words(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
	lws_mask_words(to, from, len, lws_mask_key(mask));
}

/* every way to mask that a caller of this build may come to */
static mask_fn *const ways[] = { lws_mask, lws_mask_base, words };

#define N_WAYS (sizeof(ways) / sizeof(*ways))

static uint8_t
pattern(size_t n)
{
	return (uint8_t)(n * 31 + (n >> 3));
}

/* the mask as it is at position @phase */
static void
turned(uint8_t out[4], size_t phase)
{
	size_t n;

	for (n = 0; n < 4; n++)
		out[n] = key[(n + phase) % 4];
}

/* Mask @len bytes at offset @to of one arena from offset @from of another. */
static void
check(mask_fn *way, size_t len, size_t to, size_t from, size_t phase)
{
	uint8_t out[MOST + 2 * GUARD], in[MOST + 2 * GUARD], mask[4];
	size_t n;

	turned(mask, phase);
	memset(out, 0x5a, sizeof(out));
	for (n = 0; n < sizeof(in); n++)
		in[n] = pattern(n);
	way(out + to, in + from, len, mask);
	for (n = 0; n < sizeof(out); n++) {
		if (n < to || n >= to + len)
			assert_int_equal(out[n], 0x5a);
		else
			assert_int_equal(out[n], in[from + n - to] ^
						 mask[(n - to) % 4]);
		assert_int_equal(in[n], pattern(n));
	}
}

static void
check_in_place(mask_fn *way, size_t len, size_t at, size_t phase)
{
	uint8_t arena[MOST + 2 * GUARD], mask[4];
	size_t n;

	turned(mask, phase);
	for (n = 0; n < sizeof(arena); n++)
		arena[n] = pattern(n);
	way(arena + at, arena + at, len, mask);
	for (n = 0; n < sizeof(arena); n++)
		assert_int_equal(arena[n],
				 n < at || n >= at + len ?
					 pattern(n) :
					 pattern(n) ^ mask[(n - at) % 4]);
}

static void
test_every_length_and_phase_is_the_byte_loop(void **state)
{
	size_t way, len, phase;

	(void)state;
	for (way = 0; way < N_WAYS; way++)
		for (len = 0; len <= MOST; len++)
			for (phase = 0; phase < 4; phase++) {
				check(ways[way], len, GUARD, GUARD, phase);
				check_in_place(ways[way], len, GUARD, phase);
			}
}

static void
test_alignment_does_not_matter(void **state)
{
	static const size_t lengths[] = { 1, 7, 8, 20, 64, 127, 128, 131, 257 };
	size_t way, n, to, from;

	(void)state;
	for (way = 0; way < N_WAYS; way++)
		for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++)
			for (to = 0; to < 33; to++) {
				check_in_place(ways[way], lengths[n], to, 1);
				for (from = 0; from < 33; from += 3)
					check(ways[way], lengths[n], to, from,
					      2);
			}
}

/* A sanitizer sees the byte before and the byte behind these. */
static void
test_only_its_own_bytes_are_read_and_written(void **state)
{
	uint8_t *from, *to;
	size_t way, len;

	(void)state;
	for (way = 0; way < N_WAYS; way++)
		for (len = 1; len <= MOST; len++) {
			from = malloc(len);
			to = malloc(len);
			assert_true(from && to);
			memset(from, 'x', len);
			ways[way](to, from, len, key);
			ways[way](from, from, len, key);
			assert_memory_equal(from, to, len);
			free(from);
			free(to);
		}
}

static void
test_twice_is_nothing(void **state)
{
	uint8_t *bytes = malloc(70000);
	size_t n;

	(void)state;
	assert_non_null(bytes);
	for (n = 0; n < 70000; n++)
		bytes[n] = pattern(n);
	lws_mask(bytes, bytes, 70000, key);
	lws_mask(bytes, bytes, 70000, key);
	for (n = 0; n < 70000; n++)
		assert_int_equal(bytes[n], pattern(n));
	free(bytes);
}

static void
test_rotating_carries_on_behind_any_part(void **state)
{
	uint8_t whole[64], parts[64], mask[4];
	size_t cut;

	(void)state;
	memset(whole, 'w', sizeof(whole));
	lws_mask(whole, whole, sizeof(whole), key);
	for (cut = 0; cut <= sizeof(parts); cut++) {
		memset(parts, 'w', sizeof(parts));
		memcpy(mask, key, 4);
		lws_mask(parts, parts, cut, mask);
		lws_mask_rotate(mask, cut);
		lws_mask(parts + cut, parts + cut, sizeof(parts) - cut, mask);
		assert_memory_equal(parts, whole, sizeof(parts));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length_and_phase_is_the_byte_loop),
		cmocka_unit_test(test_alignment_does_not_matter),
		cmocka_unit_test(test_only_its_own_bytes_are_read_and_written),
		cmocka_unit_test(test_twice_is_nothing),
		cmocka_unit_test(test_rotating_carries_on_behind_any_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
