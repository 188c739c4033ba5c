/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer-13.c - frames as RFC 6455 section 5 has them; those of versions 7
 * and 8 are the same.
 *
 * Almost every frame arrives whole and short, so next() begins with a straight
 * line for that case: look at the header where it lies, unmask, done, nothing
 * remembered.  A frame whose payload goes on beyond the input leaves its state
 * in lws_rx_frame and is continued by lws_framer13_payload().  A header cut by
 * the end of the input is collected byte by byte in rx->head, and checked with
 * every byte, so that its error shows where it would have shown in one piece.
 */
#include "ws/framer-13.h"

#include <string.h>

#include "base/compiler.h"
#include "base/size.h"
#include "ws/close.h"
#include "ws/length.h"
#include "ws/mask.h"

#define MASK_BIT    0x80
#define OPCODE_BITS 0x0f

/* most bytes that the shortest header tells, and that one, masked */
#define SHORT      125
#define SHORT_HEAD 6

/* opcodes as bits of a set */
#define OP(name)    (1u << (LWS_OP_##name))
#define OPS_CONTROL (OP(CLOSE) | OP(PING) | OP(PONG))
#define OPS_IDLE    (OPS_CONTROL | OP(TEXT) | OP(BINARY))
#define OPS_MESSAGE (OPS_CONTROL | OP(CONTINUATION))
#define OPS_RESERVED 0xf8f8u

/*
 * Is the first byte impossible here?  Sections 5.2 and 5.4; RSV bits have to be
 * claimed, and mean nothing on control frames (RFC 7692 section 6.1).
 */
LWS_INLINE bool
first_byte_bad(const struct lws_rx_frame *rx, unsigned int b)
{
	unsigned int allowed = rx->kind ? OPS_MESSAGE : OPS_IDLE;

	if (b & LWS_FRAME_RSV & ~(unsigned int)rx->rsv)
		return true;
	if (b & LWS_FRAME_RSV && b & LWS_OP_CONTROL)
		return true;
	if (lws_unlikely(rx->any_opcode))
		allowed |= OPS_RESERVED;
	if (!(allowed >> (b & OPCODE_BITS) & 1))
		return true;
	return (b & (LWS_FRAME_FIN | LWS_OP_CONTROL)) == LWS_OP_CONTROL;
}

/* The second byte, given a good first one: sections 5.1 and 5.5. */
LWS_INLINE bool
second_byte_bad(const struct lws_rx_frame *rx, unsigned int first,
		unsigned int b)
{
	if ((first & LWS_OP_CONTROL) && (b & LWS_LENGTH_BITS) > LWS_CONTROL_MAX)
		return true;
	if (b & MASK_BIT)
		return !rx->rules;
	return rx->rules == LWS_RX_MASKED;
}

LWS_INLINE unsigned int
head_size(unsigned int b)
{
	return 2 + lws_length_size(b) + (b & MASK_BIT ? 4 : 0);
}

/* Remember a frame whose checked header lies at @head. */
static void
begin(struct lws_rx_frame *rx, const uint8_t *head, uint64_t len)
{
	const unsigned int op = head[0] & OPCODE_BITS;

	rx->opcode = (uint8_t)op;
	rx->bits = (uint8_t)(head[0] & (LWS_FRAME_FIN | LWS_FRAME_RSV));
	if (op == LWS_OP_TEXT || op == LWS_OP_BINARY)
		rx->kind = (uint8_t)op;
	if (head[1] & MASK_BIT)
		memcpy(rx->mask, head + 2 + lws_length_size(head[1]), 4);
	else
		memset(rx->mask, 0, 4);
	rx->left = len;
	rx->step = LWS_STEP_FIRST;
}

int
lws_framer13_payload(struct lws_rx_frame *rx, struct lws_span *in,
		     struct lws_piece *out)
{
	const size_t len = rx->left < in->len ? (size_t)rx->left : in->len;

	if (!len && rx->left)
		return LWS_FRAMER_AGAIN;

	out->data = lws_span_take(in, len);
	if (lws_mask_key(rx->mask)) {
		lws_mask(out->data.p, out->data.p, len, rx->mask);
		lws_mask_rotate(rx->mask, len);
	}
	rx->left -= len;
	out->left = rx->left;
	out->opcode = rx->opcode;
	out->kind = rx->kind;
	out->bits = rx->bits;
	out->first = rx->step == LWS_STEP_FIRST;
	rx->step = LWS_STEP_PAYLOAD;
	if (rx->left)
		return LWS_FRAMER_PIECE;

	rx->step = LWS_STEP_START;
	if ((rx->bits & LWS_FRAME_FIN) && rx->opcode <= LWS_OP_BINARY)
		rx->kind = 0;
	return LWS_FRAMER_PIECE;
}

/* Is what rx->head has got so far a possible beginning?  0 or an error. */
static int
check_head(const struct lws_rx_frame *rx)
{
	const uint8_t *head = rx->head;
	unsigned int size, got;

	if (rx->have == 1)
		return first_byte_bad(rx, head[0]) ? LWS_ERR_PROTOCOL : 0;
	if (rx->have == 2)
		return second_byte_bad(rx, head[0], head[1]) ? LWS_ERR_PROTOCOL
							     : 0;

	size = lws_length_size(head[1]);
	got = rx->have - 2u;
	if (got > size)
		return 0;
	return lws_length_check_cut(head + 2, got, size);
}

/*
 * A header in pieces: one byte more per round until it is whole, then begin()
 * has been told.  LWS_FRAMER_PIECE stands for that.
 */
static int
collect_head(struct lws_rx_frame *rx, struct lws_span *in)
{
	uint64_t len;
	int rc;

	rx->step = LWS_STEP_HEAD;
	while (rx->have < 2 || rx->have < head_size(rx->head[1])) {
		if (!in->len)
			return LWS_FRAMER_AGAIN;
		rx->head[rx->have++] = *in->p;
		lws_span_skip(in, 1);
		rc = check_head(rx);
		if (rc)
			return rc;
	}
	rx->have = 0;
	rc = lws_length_read(rx->head, &len);
	if (rc)
		return rc;
	begin(rx, rx->head, len);
	return LWS_FRAMER_PIECE;
}

/* Fill @out with a frame that lies whole at in->p, and unmask it. */
LWS_INLINE int
take_whole(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out,
	   unsigned int size, size_t len)
{
	uint8_t *const head = in->p;
	const unsigned int first = head[0], op = first & OPCODE_BITS;
	const bool masked = head[1] & MASK_BIT;
	uint8_t kind = rx->kind;

	if (op <= LWS_OP_BINARY) {
		kind = op ? (uint8_t)op : kind;
		rx->kind = first & LWS_FRAME_FIN ? 0 : kind;
	}
	out->data.p = head + size;
	out->data.len = len;
	out->left = 0;
	out->opcode = (uint8_t)op;
	out->kind = kind;
	out->bits = (uint8_t)(first & (LWS_FRAME_FIN | LWS_FRAME_RSV));
	out->first = true;
	lws_span_skip(in, size + len);
	if (masked)
		lws_mask(head + size, head + size, len, head + size - 4);
	return LWS_FRAMER_PIECE;
}

/* The same of a frame that goes on behind the input: what there is of it. */
static LWS_NOINLINE int
take_part(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out,
	  uint64_t len)
{
	begin(rx, in->p, len);
	lws_span_skip(in, head_size(in->p[1]));
	return lws_framer13_payload(rx, in, out);
}

/* A frame begins, and its header lies whole at in->p, @size bytes. */
static LWS_NOINLINE int
take_frame(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out,
	   unsigned int size)
{
	const uint8_t *head = in->p;
	uint64_t len;
	int rc;

	if (first_byte_bad(rx, head[0]) ||
	    second_byte_bad(rx, head[0], head[1]))
		return LWS_ERR_PROTOCOL;
	rc = lws_length_read(head, &len);
	if (rc)
		return rc;
	if (len <= in->len - size)
		return take_whole(rx, in, out, size, (size_t)len);

	return take_part(rx, in, out, len);
}

/* Everything but a whole header at the start of a frame. */
static LWS_NOINLINE int
next_cut(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	int rc = LWS_FRAMER_PIECE;

	if (rx->step == LWS_STEP_START || rx->step == LWS_STEP_HEAD)
		rc = collect_head(rx, in);
	if (rc != LWS_FRAMER_PIECE)
		return rc;
	return lws_framer13_payload(rx, in, out);
}

/* next() in all its generality. */
LWS_INLINE int
next_any(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	unsigned int size;

	if (rx->step != LWS_STEP_START || in->len < 2)
		return next_cut(rx, in, out);
	size = head_size(in->p[1]);
	if (in->len < size)
		return next_cut(rx, in, out);
	return take_frame(rx, in, out, size);
}

/*
 * The frame a server sees most is a whole short message that lies whole in the
 * input.  Its two first bytes have few values, so that it is known by a few
 * comparisons; everything is stored before unmasking, which then ends the
 * function with all it needs in registers.
 */
int
lws_framer13_next(struct lws_rx_frame *rx, struct lws_span *in,
		  struct lws_piece *out)
{
	uint8_t *const head = in->p;
	uint64_t key;
	size_t len;
	uint8_t op;

	if (rx->step != LWS_STEP_START || rx->kind ||
	    rx->rules != LWS_RX_MASKED || in->len < SHORT_HEAD ||
	    (unsigned int)head[0] - (LWS_FRAME_FIN | LWS_OP_TEXT) > 1)
		return next_any(rx, in, out);
	len = head[1] - (unsigned int)MASK_BIT;
	if (len > SHORT || len > in->len - SHORT_HEAD)
		return next_any(rx, in, out);

	op = head[0] & OPCODE_BITS;
	out->data.p = head + SHORT_HEAD;
	out->data.len = len;
	out->left = 0;
	out->opcode = op;
	out->kind = op;
	out->bits = LWS_FRAME_FIN;
	out->first = true;
	key = lws_mask_key(head + 2);
	lws_span_skip(in, SHORT_HEAD + len);
	lws_mask_words(head + SHORT_HEAD, head + SHORT_HEAD, len, key);
	return LWS_FRAMER_PIECE;
}

int
lws_framer13_init(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
		  const struct lws_wire_keys *keys)
{
	if (lws_wire_client(keys)) {
		tx->masking = !keys->bare_ok;
		return 0;
	}
	rx->rules = LWS_RX_MASKED;
	if (keys->bare_ok)
		rx->rules |= LWS_RX_UNMASKED;
	return 0;
}

int
lws_framer13_head(struct lws_tx_frame *tx, const struct lws_frame_spec *spec,
		  uint8_t head[LWS_FRAME_HEAD_MAX])
{
	const uint8_t *const mask = lws_frame_mask(spec);
	int n = 2;

	head[0] = spec->bits | spec->opcode;
	if (lws_likely(spec->len < LWS_LENGTH_16)) {
		head[1] = (uint8_t)spec->len;
	} else {
		if ((spec->opcode & LWS_OP_CONTROL) || spec->len >> 63)
			return LWS_ERR_UNSUPPORTED;
		n += lws_length_put(head, spec->len);
	}
	if (!mask) {
		memset(tx->mask, 0, 4);
		return n;
	}
	head[1] |= MASK_BIT;
	memcpy(head + n, mask, 4);
	memcpy(tx->mask, mask, 4);
	return n + 4;
}

void
lws_framer13_copy(struct lws_tx_frame *tx, uint8_t *to, struct lws_span from)
{
	if (from.len <= SHORT)
		lws_mask_words(to, from.p, from.len, lws_mask_key(tx->mask));
	else
		lws_mask(to, from.p, from.len, tx->mask);
	lws_mask_rotate(tx->mask, from.len);
}

const struct lws_framer_ops lws_framer_13 = {
	.name = "13",
	.short_form = true,
	.check_text = true,
	.pings = true,
	.close_coded = true,
	.close_echoed = true,
	.init = lws_framer13_init,
	.next = lws_framer13_next,
	.head = lws_framer13_head,
	.copy = LWS_OF_CLIENT(lws_framer13_copy),
	.close_build = lws_close_build,
	.close_parse = lws_close_parse,
};
