/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/utf8.c - is it UTF-8?  (RFC 3629, for RFC 6455 section 8.1)
 *
 * Most text is ASCII, which whole words show at a glance: no byte has its top
 * bit.  The rest walks an automaton whose nine states are the continuations
 * that RFC 3629 section 4 tells apart.  Its table has a row per class of byte,
 * and a row is one 64 bit number with the next state of every state in six
 * bits; a state is the position of its own six bits, so that a step is a load
 * and a shift.  The state that no byte leads out of is REJECT.
 */
#include "ws/utf8.h"

#include <string.h>

#include "base/compiler.h"
#include "base/err.h"

/* states, in the order of their six bits in a row */
#define ACCEPT ((uint64_t)LWS_UTF8_ACCEPT)
#define REJECT ((uint64_t)6)
#define TAIL_1 ((uint64_t)12)	/* one more 80..BF */
#define TAIL_2 ((uint64_t)18)	/* two more */
#define TAIL_3 ((uint64_t)24)	/* three more */
#define E0     ((uint64_t)30)	/* two more, the first A0..BF: not overlong */
#define ED     ((uint64_t)36)	/* two more, the first 80..9F: no surrogate */
#define F0     ((uint64_t)42)	/* three more, the first 90..BF: not overlong */
#define F4     ((uint64_t)48)	/* three more, the first 80..8F: <= 10FFFF */
#define STATE_BITS 63

/* a row in which only ACCEPT leads anywhere: to @next */
#define LEAD(next) \
	((next) << ACCEPT | REJECT << REJECT | REJECT << TAIL_1 | \
	 REJECT << TAIL_2 | REJECT << TAIL_3 | REJECT << E0 | REJECT << ED | \
	 REJECT << F0 | REJECT << F4)

/* a row of a continuation byte; the four that care say where they go */
#define CONTINUE(e0, ed, f0, f4) \
	(REJECT << ACCEPT | REJECT << REJECT | ACCEPT << TAIL_1 | \
	 TAIL_1 << TAIL_2 | TAIL_2 << TAIL_3 | (e0) << E0 | (ed) << ED | \
	 (f0) << F0 | (f4) << F4)

enum class {
	ASCII, CONT_80, CONT_90, CONT_A0, NEVER, LEAD_2, LEAD_E0, LEAD_3,
	LEAD_ED, LEAD_F0, LEAD_4, LEAD_F4
};

static const uint64_t rows[] = {
	[ASCII] = LEAD(ACCEPT),
	[CONT_80] = CONTINUE(REJECT, TAIL_1, REJECT, TAIL_2),
	[CONT_90] = CONTINUE(REJECT, TAIL_1, TAIL_2, REJECT),
	[CONT_A0] = CONTINUE(TAIL_1, REJECT, TAIL_2, REJECT),
	[NEVER] = LEAD(REJECT),
	[LEAD_2] = LEAD(TAIL_1),
	[LEAD_E0] = LEAD(E0),
	[LEAD_3] = LEAD(TAIL_2),
	[LEAD_ED] = LEAD(ED),
	[LEAD_F0] = LEAD(F0),
	[LEAD_4] = LEAD(TAIL_3),
	[LEAD_F4] = LEAD(F4),
};

/* enum class of every byte: sixteen to a line, by their number of a kind */
#define X4(c)  c, c, c, c
#define X8(c)  X4(c), X4(c)
#define X16(c) X8(c), X8(c)

static const uint8_t class_of[256] = {
	/* 00 */ X16(ASCII), X16(ASCII), X16(ASCII), X16(ASCII),
	/* 40 */ X16(ASCII), X16(ASCII), X16(ASCII), X16(ASCII),
	/* 80 */ X16(CONT_80), X16(CONT_90), X16(CONT_A0), X16(CONT_A0),
	/* C0 */ NEVER, NEVER, LEAD_2, LEAD_2, X4(LEAD_2), X8(LEAD_2),
	/* D0 */ X16(LEAD_2),
	/* E0 */ LEAD_E0, LEAD_3, LEAD_3, LEAD_3, X8(LEAD_3), LEAD_3, LEAD_ED,
	/* EE */ LEAD_3, LEAD_3,
	/* F0 */ LEAD_F0, LEAD_4, LEAD_4, LEAD_4, LEAD_F4, NEVER, NEVER, NEVER,
	/* F8 */ X8(NEVER),
};

#define WORD   8
#define SHORT  32	/* most bytes that four words cover */
#define BLOCK  64
#define STRIDE 16	/* of the automaton before words are tried again */

LWS_INLINE uint64_t
word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

/* Is no top bit among these bytes, or'd together? */
LWS_INLINE bool
ascii(uint64_t bytes)
{
	return !(bytes & 0x8080808080808080u);
}

/* 64 bytes or'd into one word */
LWS_INLINE uint64_t
block_at(const uint8_t *p)
{
	return word_at(p) | word_at(p + 8) | word_at(p + 16) |
	       word_at(p + 24) | word_at(p + 32) | word_at(p + 40) |
	       word_at(p + 48) | word_at(p + 56);
}

/* Is all of it ASCII?  From 1 to SHORT bytes, some of them looked at twice. */
LWS_INLINE bool
short_ascii(const uint8_t *p, size_t len)
{
	uint32_t first, last;

	if (len >= 16)
		return ascii(word_at(p) | word_at(p + 8) |
			     word_at(p + len - 16) | word_at(p + len - 8));
	if (len >= 8)
		return ascii(word_at(p) | word_at(p + len - 8));
	if (len >= 4) {
		memcpy(&first, p, 4);
		memcpy(&last, p + len - 4, 4);
		return ascii(first | last);
	}
	return ascii((uint64_t)p[0] | p[len / 2] | p[len - 1]);
}

/* Skip words of ASCII; less than a word is left to the automaton. */
LWS_INLINE const uint8_t *
skip_ascii(const uint8_t *p, const uint8_t *end)
{
	while (end - p >= BLOCK && ascii(block_at(p)))
		p += BLOCK;
	while (end - p >= WORD && ascii(word_at(p)))
		p += WORD;
	return p;
}

/* Any text in any state: the automaton, and words where they are ASCII. */
static int
check_mixed(uint32_t *state, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *stop;
	uint64_t s = *state;

	while (p < end) {
		if (s == ACCEPT)
			p = skip_ascii(p, end);
		stop = end - p < STRIDE ? end : p + STRIDE;
		for (; p < stop; p++)
			s = rows[class_of[*p]] >> s & STATE_BITS;
		if (s == REJECT)
			return LWS_ERR_TEXT;
	}
	*state = (uint32_t)s;
	return 0;
}

/* Text of at least a word that begins a character, and is ASCII perhaps. */
LWS_INLINE int
check_long(uint32_t *state, const uint8_t *p, size_t len)
{
	const uint8_t *const end = p + len;
	const uint8_t *const stop = end - len % (4 * BLOCK);

	for (; p < stop; p += 4 * BLOCK)
		if (!ascii(block_at(p) | block_at(p + BLOCK) |
			   block_at(p + 2 * BLOCK) | block_at(p + 3 * BLOCK)))
			break;
	if (p == end)
		return 0;
	p = skip_ascii(p, end);
	if (end - p < WORD && ascii(word_at(end - WORD)))
		return 0;
	return check_mixed(state, p, end);
}

int
lws_utf8_check(uint32_t *state, const uint8_t *p, size_t len)
{
	if (lws_likely(*state == LWS_UTF8_ACCEPT)) {
		if (len > SHORT)
			return check_long(state, p, len);
		if (lws_likely(!len || short_ascii(p, len)))
			return 0;
	}
	return len ? check_mixed(state, p, p + len) : 0;
}
