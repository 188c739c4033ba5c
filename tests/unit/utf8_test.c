/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * utf8_test.c - which bytes are text, and where they cease to be.
 *
 * The reference decodes: it knows nothing of states, and says how many bytes
 * of a text are a beginning that some text may have (RFC 3629 sections 3, 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "ws/utf8.h"

/* Can the bits of a character that begins so, @missing bytes short, be one? */
static bool
hopeful(uint32_t bits, size_t size, size_t missing)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint32_t low = bits << 6 * missing;
	const uint32_t high = low | ((1u << 6 * missing) - 1);

	if (high < least[size] || low > 0x10ffff)
		return false;
	return !(low >= 0xd800 && high <= 0xdfff);
}

/* How many bytes can begin a text?  *@whole: do they end with a character? */
static size_t
good_bytes(const uint8_t *p, size_t len, bool *whole)
{
	size_t at = 0, size, n;
	uint32_t bits;

	*whole = true;
	while (at < len) {
		size = p[at] < 0x80 ? 1 : p[at] < 0xc0 ? 0 : p[at] < 0xe0 ? 2 :
		       p[at] < 0xf0 ? 3 : p[at] < 0xf8 ? 4 : 0;
		if (!size)
			return at;
		bits = size == 1 ? p[at] : p[at] & (0x7fu >> size);
		*whole = size == 1;
		if (!hopeful(bits, size, size - 1))
			return at;
		for (n = 1; n < size; n++) {
			if (at + n == len)
				return len;
			if ((p[at + n] & 0xc0) != 0x80)
				return at + n;
			bits = bits << 6 | (p[at + n] & 0x3f);
			if (!hopeful(bits, size, size - 1 - n))
				return at + n;
		}
		*whole = true;
		at += size;
	}
	return at;
}

/* The verdict on @len bytes in memory of just their size. */
static int
verdict(uint32_t *state, const uint8_t *p, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int rc;

	assert_non_null(copy);
	if (len)
		memcpy(copy, p, len);
	rc = lws_utf8_check(state, copy, len);
	free(copy);
	return rc;
}

/* Whole, cut at @cut, and the longest good beginning: all as the reference. */
static void
check_cut(const uint8_t *p, size_t len, size_t good, bool whole, size_t cut)
{
	uint32_t state = LWS_UTF8_ACCEPT;
	int rc = verdict(&state, p, cut);

	assert_int_equal(rc, cut > good ? LWS_ERR_TEXT : 0);
	if (rc)
		return;
	rc = verdict(&state, p + cut, len - cut);
	assert_int_equal(rc, good < len ? LWS_ERR_TEXT : 0);
	if (!rc)
		assert_int_equal(state == LWS_UTF8_ACCEPT, whole);
}

static void
check(const uint8_t *p, size_t len)
{
	size_t good, cut;
	bool whole;

	good = good_bytes(p, len, &whole);
	for (cut = 0; cut <= len; cut++)
		check_cut(p, len, good, whole, cut);
}

static void
test_all_sequences_of_one_and_two_bytes(void **state)
{
	unsigned int a, b;
	uint8_t text[2];

	(void)state;
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++) {
			text[0] = (uint8_t)a;
			text[1] = (uint8_t)b;
			check(text, 1);
			check(text, 2);
		}
}

/* first and last of every range that RFC 3629 section 4 has a rule for */
static const uint8_t edges[] = {
	0x00, 0x01, 0x41, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x9f, 0xa0, 0xaf, 0xb0,
	0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
	0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfe, 0xff
};

#define N_EDGES sizeof(edges)

static void
test_three_bytes_with_any_lead_and_the_edges(void **state)
{
	unsigned int a, b, c;
	uint8_t text[3];

	(void)state;
	for (a = 0; a < 256; a++)
		for (b = 0; b < N_EDGES; b++)
			for (c = 0; c < N_EDGES; c++) {
				text[0] = (uint8_t)a;
				text[1] = edges[b];
				text[2] = edges[c];
				check(text, 3);
			}
}

static void
test_four_bytes_with_high_leads_and_the_edges(void **state)
{
	unsigned int a, b, c, d;
	uint8_t text[4];

	(void)state;
	for (a = 0xe0; a < 256; a++)
		for (b = 0; b < N_EDGES; b++)
			for (c = 0; c < N_EDGES; c++)
				for (d = 0; d < N_EDGES; d += 3) {
					text[0] = (uint8_t)a;
					text[1] = edges[b];
					text[2] = edges[c];
					text[3] = edges[d];
					check(text, 4);
				}
}

static size_t
encode(uint8_t *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (uint8_t)(0xc0 | c >> 6);
		to[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (uint8_t)(0xe0 | c >> 12);
		to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		to[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	to[0] = (uint8_t)(0xf0 | c >> 18);
	to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	to[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

static void
test_every_character_but_surrogates_is_text(void **state)
{
	uint8_t text[4];
	uint32_t c, s;
	size_t len;
	int rc;

	(void)state;
	for (c = 0; c <= 0x1fffff; c++) {
		len = encode(text, c);
		s = LWS_UTF8_ACCEPT;
		rc = lws_utf8_check(&s, text, len);
		if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
			assert_int_equal(rc, LWS_ERR_TEXT);
			continue;
		}
		assert_int_equal(rc, 0);
		assert_int_equal(s, LWS_UTF8_ACCEPT);
	}
}

static void
test_the_impossible_fails_at_once(void **state)
{
	static const struct {
		const char *text;
		size_t len, good;
	} rows[] = {
		{ "\x80", 1, 0 }, { "\xbf", 1, 0 },
		{ "\xc0", 1, 0 }, { "\xc1", 1, 0 },
		{ "\xf5", 1, 0 }, { "\xff", 1, 0 },
		{ "\xe0\x9f", 2, 1 }, { "\xe0\x80", 2, 1 },
		{ "\xed\xa0", 2, 1 }, { "\xed\xbf", 2, 1 },
		{ "\xf0\x8f", 2, 1 }, { "\xf0\x80", 2, 1 },
		{ "\xf4\x90", 2, 1 }, { "\xf4\xbf", 2, 1 },
		{ "\xc3(", 2, 1 }, { "\xe2\x82(", 3, 2 },
		{ "\xf0\x9f\x98(", 4, 3 },
		{ "ok\xc0", 3, 2 },
	};
	uint32_t s;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		s = LWS_UTF8_ACCEPT;
		assert_int_equal(verdict(&s, (const uint8_t *)rows[n].text,
					 rows[n].good), 0);
		assert_int_equal(verdict(&s, (const uint8_t *)rows[n].text +
						     rows[n].good, 1),
				 LWS_ERR_TEXT);
	}
}

/* One bad byte, one long character or none, anywhere in ASCII of any length. */
static void
check_at_every_place(const char *what, size_t size, size_t most)
{
	uint8_t text[600];
	size_t len, at;
	uint32_t s;
	bool whole;
	int rc;

	for (len = size; len <= most; len++)
		for (at = 0; at + size <= len; at++) {
			memset(text, 'a', len);
			memcpy(text + at, what, size);
			s = LWS_UTF8_ACCEPT;
			rc = verdict(&s, text, len);
			if (good_bytes(text, len, &whole) < len)
				assert_int_equal(rc, LWS_ERR_TEXT);
			else
				assert_int_equal(rc, 0);
			if (!rc)
				assert_int_equal(s == LWS_UTF8_ACCEPT, whole);
		}
}

static void
test_blocks_of_ascii_hide_nothing(void **state)
{
	(void)state;
	check_at_every_place("\xff", 1, 340);
	check_at_every_place("\xc3", 1, 340);
	check_at_every_place("\xc3\xa4", 2, 340);
	check_at_every_place("\xe2\x82\xac", 3, 100);
	check_at_every_place("\xf0\x9f\x98\x80", 4, 340);
	check_at_every_place("\xf0\x9f\x98", 3, 100);
	check_at_every_place("", 0, 600);
}

/* Words may only be skipped between characters, wherever one is cut. */
static void
test_ascii_does_not_complete_a_character(void **state)
{
	uint8_t text[100];
	uint32_t s;
	size_t at, len;

	(void)state;
	for (len = 1; len < sizeof(text); len++) {
		s = LWS_UTF8_ACCEPT;
		memset(text, 'a', sizeof(text));
		assert_int_equal(verdict(&s, (const uint8_t *)"\xc3", 1), 0);
		assert_int_equal(verdict(&s, text, len), LWS_ERR_TEXT);
	}
	for (at = 2; at < 60; at++) {
		s = LWS_UTF8_ACCEPT;
		memset(text, 'a', sizeof(text));
		memcpy(text, "\xc3\xa4", 2);
		text[at] = 0xc3;
		assert_int_equal(verdict(&s, text, sizeof(text)),
				 LWS_ERR_TEXT);
	}
}

static void
test_ascii_of_any_length_ends_between_characters(void **state)
{
	uint8_t text[1100];
	uint32_t s;
	size_t len;

	(void)state;
	for (len = 0; len <= sizeof(text); len++) {
		memset(text, 0x7f, sizeof(text));
		s = LWS_UTF8_ACCEPT;
		assert_int_equal(verdict(&s, text, len), 0);
		assert_int_equal(s, LWS_UTF8_ACCEPT);
	}
}

/* Texts of all widths at random, some spoiled, sliced everywhere. */
static void
test_random_texts_are_as_the_reference_has_them(void **state)
{
	static const uint32_t below[] = { 0x80, 0x800, 0xd800, 0x110000 };
	uint32_t seed = 7, n, c;
	uint8_t text[120];
	size_t len;

	(void)state;
	for (n = 0; n < 3000; n++) {
		for (len = 0; len < 100;) {
			seed = seed * 1664525u + 1013904223u;
			c = (seed >> 6) % below[seed >> 30];
			len += encode(text + len, c);
		}
		if (n & 1)
			text[(seed >> 8) % len] ^= (uint8_t)(1 << (seed >> 29));
		check(text, len);
	}
}

static void
test_nothing_is_text_too(void **state)
{
	uint32_t s = LWS_UTF8_ACCEPT;

	(void)state;
	assert_int_equal(lws_utf8_check(&s, NULL, 0), 0);
	assert_int_equal(s, LWS_UTF8_ACCEPT);
	assert_int_equal(verdict(&s, (const uint8_t *)"\xe2", 1), 0);
	assert_int_not_equal(s, LWS_UTF8_ACCEPT);
	assert_int_equal(lws_utf8_check(&s, NULL, 0), 0);
	assert_int_equal(verdict(&s, (const uint8_t *)"\x82\xac", 2), 0);
	assert_int_equal(s, LWS_UTF8_ACCEPT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_sequences_of_one_and_two_bytes),
		cmocka_unit_test(test_three_bytes_with_any_lead_and_the_edges),
		cmocka_unit_test(test_four_bytes_with_high_leads_and_the_edges),
		cmocka_unit_test(test_every_character_but_surrogates_is_text),
		cmocka_unit_test(test_the_impossible_fails_at_once),
		cmocka_unit_test(test_blocks_of_ascii_hide_nothing),
		cmocka_unit_test(test_ascii_does_not_complete_a_character),
		cmocka_unit_test(
			test_ascii_of_any_length_ends_between_characters),
		cmocka_unit_test(
			test_random_texts_are_as_the_reference_has_them),
		cmocka_unit_test(test_nothing_is_text_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
