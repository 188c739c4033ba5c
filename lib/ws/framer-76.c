/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer-76.c - version 76 (hixie-76, also known as hybi-00).
 *
 * A frame begins with its type.  Types below 80 end at the first FF: 00 is
 * text, the others are read and thrown away.  Types from 80 on tell a length,
 * seven bits to a byte, and are thrown away as well; but FF with no length is
 * the Close.  Nothing is masked, and there is no binary data.
 *
 * The length of a text is not known before its end, so rx->left is 1 until the
 * FF is in sight.  That byte stays in the input when payload was shown before
 * it, and is taken by the call after: so the rest of the input always follows
 * the payload.
 *
 * Fragments of a message are parts of one text: what begins a frame is written
 * with the first, what ends it behind the last.
 */
#include "ws/framer.h"

#include <string.h>

#include "base/compiler.h"
#include "ws/close.h"

#define TYPE_TEXT  0x00
#define TYPE_SIZED 0x80		/* from here on, the length is told */
#define TYPE_CLOSE 0xff
#define END        0xff		/* of a text */

/* a length: bytes at most, and what is still skipped */
#define LENGTH_MAX 9
#define SKIP_MAX   ((uint64_t)16 * 1024 * 1024)

#define MORE_BIT    0x80
#define LENGTH_BITS 0x7f

enum step {
	STEP_START,	/* between frames */
	STEP_LENGTH,	/* of a frame that tells it; the type is in rx->head */
	STEP_SKIP,	/* rx->left bytes of it are thrown away */
	STEP_IGNORE,	/* all up to an FF is */
	STEP_FIRST,	/* a text, nothing shown yet */
	STEP_TEXT,	/* some of it shown */
	STEP_END	/* all of it shown, its FF follows */
};

/* lws_tx_frame.step */
enum {
	TX_IDLE,
	TX_OPEN,	/* in a text that goes on */
	TX_LAST		/* in a text that tail() will end */
};

static uint8_t
take_byte(struct lws_span *in)
{
	const uint8_t b = in->p[0];

	lws_span_skip(in, 1);
	return b;
}

/* Fill @out with @data of a frame. */
static int
show(struct lws_rx_frame *rx, struct lws_piece *out, uint8_t opcode,
     struct lws_span data)
{
	rx->bits = LWS_FRAME_FIN;
	out->data = data;
	out->left = rx->left;
	out->opcode = opcode;
	out->kind = opcode & LWS_OP_CONTROL ? 0 : opcode;
	out->bits = LWS_FRAME_FIN;
	out->first = rx->step != STEP_TEXT;
	return LWS_FRAMER_PIECE;
}

/* AGAIN means "go on" in these, as long as there is input. */

static int
step_start(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	const uint8_t type = take_byte(in);

	(void)out;
	rx->left = 0;
	rx->have = 0;
	rx->head[0] = type;
	if (type >= TYPE_SIZED) {
		rx->step = STEP_LENGTH;
	} else if (type == TYPE_TEXT) {
		rx->left = 1;
		rx->step = STEP_FIRST;
	} else {
		rx->step = STEP_IGNORE;
	}
	return LWS_FRAMER_AGAIN;
}

static int
step_length(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	const uint8_t b = take_byte(in);

	rx->left = rx->left << 7 | (b & LENGTH_BITS);
	if (rx->left > SKIP_MAX ||
	    (++rx->have == LENGTH_MAX && b & MORE_BIT))
		return LWS_ERR_LIMIT;
	if (b & MORE_BIT)
		return LWS_FRAMER_AGAIN;
	rx->step = rx->left ? STEP_SKIP : STEP_START;
	if (rx->left || rx->head[0] != TYPE_CLOSE)
		return LWS_FRAMER_AGAIN;
	return show(rx, out, LWS_OP_CLOSE, lws_span(in->p, 0));
}

static int
step_skip(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	const size_t len = rx->left < in->len ? (size_t)rx->left : in->len;

	(void)out;
	lws_span_skip(in, len);
	rx->left -= len;
	if (!rx->left)
		rx->step = STEP_START;
	return LWS_FRAMER_AGAIN;
}

/* bytes of @in before the end of the text, all when it is not in sight */
static size_t
before_end(const struct lws_span *in)
{
	const uint8_t *end = memchr(in->p, END, in->len);

	return end ? (size_t)(end - in->p) : in->len;
}

static int
step_ignore(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	const size_t len = before_end(in);

	(void)out;
	if (len == in->len) {
		lws_span_skip(in, len);
		return LWS_FRAMER_AGAIN;
	}
	lws_span_skip(in, len + 1);
	rx->step = STEP_START;
	return LWS_FRAMER_AGAIN;
}

static int
step_text(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	const size_t len = before_end(in);

	rx->left = len == in->len;
	show(rx, out, LWS_OP_TEXT, lws_span_take(in, len));
	rx->step = rx->left ? STEP_TEXT : STEP_END;
	if (!len) {
		lws_span_skip(in, 1);
		rx->step = STEP_START;
	}
	return LWS_FRAMER_PIECE;
}

static int
step_end(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	(void)out;
	take_byte(in);
	rx->step = STEP_START;
	return LWS_FRAMER_AGAIN;
}

static int
next(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	static int (*const steps[])(struct lws_rx_frame *, struct lws_span *,
				    struct lws_piece *) = {
		[STEP_START] = step_start,
		[STEP_LENGTH] = step_length,
		[STEP_SKIP] = step_skip,
		[STEP_IGNORE] = step_ignore,
		[STEP_FIRST] = step_text,
		[STEP_TEXT] = step_text,
		[STEP_END] = step_end,
	};
	int rc = LWS_FRAMER_AGAIN;

	while (in->len && rc == LWS_FRAMER_AGAIN)
		rc = steps[rx->step](rx, in, out);
	return rc;
}

static int
init(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
     const struct lws_wire_keys *keys)
{
	(void)rx;
	(void)tx;
	(void)keys;
	return 0;
}

/*
 * A Close in the middle of a text has to end it first.  The peer then takes
 * half a message for a whole one, which this version cannot tell apart.
 */
static int
put_close(struct lws_tx_frame *tx, uint8_t head[LWS_FRAME_HEAD_MAX])
{
	int n = 0;

	if (tx->step != TX_IDLE)
		head[n++] = END;
	tx->step = TX_IDLE;
	head[n++] = TYPE_CLOSE;
	head[n++] = 0;
	return n;
}

static int
put_head(struct lws_tx_frame *tx, const struct lws_frame_spec *spec,
	 uint8_t head[LWS_FRAME_HEAD_MAX])
{
	const bool open = tx->step == TX_OPEN;

	if (spec->opcode == LWS_OP_CLOSE && !spec->len)
		return put_close(tx, head);
	if (spec->opcode != (open ? LWS_OP_CONTINUATION : LWS_OP_TEXT) ||
	    spec->len >> 63)
		return LWS_ERR_UNSUPPORTED;
	tx->step = spec->bits & LWS_FRAME_FIN ? TX_LAST : TX_OPEN;
	if (open)
		return 0;
	head[0] = TYPE_TEXT;
	return 1;
}

static size_t
put_tail(struct lws_tx_frame *tx, uint8_t tail[LWS_FRAME_TAIL_MAX])
{
	if (tx->step != TX_LAST)
		return 0;
	tx->step = TX_IDLE;
	tail[0] = END;
	return 1;
}

/* In UTF-8 there is no such byte; other text would end where it has one. */
static bool
carries(struct lws_span payload)
{
	return !payload.len || !memchr(payload.p, END, payload.len);
}

const struct lws_framer_ops lws_framer_76 = {
	.name = "76",
	.init = init,
	.next = next,
	.head = put_head,
	.carries = carries,
	.tail = put_tail,
	.close_build = lws_close_build_none,
	.close_parse = lws_close_parse_any,
};
