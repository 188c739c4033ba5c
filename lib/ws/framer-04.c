/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer-04.c - versions 4, 5 and 6 (hybi-04, -05, -06).
 *
 * A client's frame is four bytes in clear and then all of it masked, header
 * included; a server's is bare.  In 5 and 6 the four bytes are the key.  In 4
 * they are a nonce: its SHA-1 together with a key of the connection, made in
 * the handshake, is a key of 20 bytes: who masks or unmasks in 4 is known by
 * having such keys.  The opcodes are of the first generation and translated
 * here.
 *
 * A header is collected byte by byte and checked with every byte, so that its
 * error shows as soon as there is one.  rx->head holds the four bytes and,
 * behind them, the header as it reads without its mask.
 */
#include "ws/framer.h"

#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/compiler.h"
#include "base/limits.h"
#include "crypto/crypto.h"
#include "ws/close.h"
#include "ws/framer-13.h"
#include "ws/length.h"
#include "ws/mask.h"

#define GUID "61AC5F19-FBBA-4540-B96F-6561F1AB40A8"

/* the bytes in front, and where in rx->head the header begins */
#define PREFIX 4

/* in the second byte */
#define RSV4 0x80

#define OPCODE_BITS 0x0f
#define NO_OPCODE   0xff

/* most characters of a header value that goes into the key */
#define TEXT_MAX 64

/* Keys of version 4: of the connection, and of the frame being masked. */
struct keys {
	uint8_t connection[LWS_SHA1_LEN];
	/* three times the frame's, so that 40 bytes lie behind any of 20 */
	uint8_t stream[3 * LWS_SHA1_LEN];
	uint8_t at;	/* the stream's next byte */
};

static const uint8_t from_early[OPCODE_BITS + 1] = {
	LWS_OP_CONTINUATION, LWS_OP_CLOSE, LWS_OP_PING, LWS_OP_PONG,
	LWS_OP_TEXT, LWS_OP_BINARY, NO_OPCODE, NO_OPCODE,
	NO_OPCODE, NO_OPCODE, NO_OPCODE, NO_OPCODE,
	NO_OPCODE, NO_OPCODE, NO_OPCODE, NO_OPCODE,
};

static const uint8_t to_early[] = {
	[LWS_OP_CONTINUATION] = 0,
	[LWS_OP_CLOSE] = 1,
	[LWS_OP_PING] = 2,
	[LWS_OP_PONG] = 3,
	[LWS_OP_TEXT] = 4,
	[LWS_OP_BINARY] = 5,
};

/* ---- the mask of version 4 ---- */

static struct keys *
keys_of(uint8_t *memory)
{
	return (struct keys *)(void *)memory;
}

/* A frame begins; @plain: one that is not masked at all. */
static void
begin_stream(struct keys *k, const uint8_t nonce[PREFIX], bool plain)
{
	uint8_t text[PREFIX + LWS_SHA1_LEN];

	k->at = 0;
	if (plain) {
		memset(k->stream, 0, sizeof(k->stream));
		return;
	}
	memcpy(text, nonce, PREFIX);
	memcpy(text + PREFIX, k->connection, LWS_SHA1_LEN);
	if (LWS_DRAFT04_COMPAT_MASK)
		memcpy(k->stream, k->connection, LWS_SHA1_LEN);
	else
		lws_sha1(text, sizeof(text), k->stream);
	memcpy(k->stream + LWS_SHA1_LEN, k->stream, LWS_SHA1_LEN);
	memcpy(k->stream + 2 * LWS_SHA1_LEN, k->stream, LWS_SHA1_LEN);
}

/* Twice the key's length is five words, and leaves k->at where it was. */
static void
apply_stream(struct keys *k, uint8_t *to, const uint8_t *from, size_t len)
{
	const uint8_t *const key = k->stream + k->at;
	uint64_t word, other;
	size_t n, i;

	for (n = 0; len - n >= 2 * LWS_SHA1_LEN; n += 2 * LWS_SHA1_LEN)
		for (i = 0; i < 2 * LWS_SHA1_LEN; i += sizeof(word)) {
			memcpy(&word, from + n + i, sizeof(word));
			memcpy(&other, key + i, sizeof(other));
			word ^= other;
			memcpy(to + n + i, &word, sizeof(word));
		}
	for (i = 0; n + i < len; i++)
		to[n + i] = from[n + i] ^ key[i];
	k->at = (uint8_t)((k->at + len) % LWS_SHA1_LEN);
}

/* ---- reading ---- */

/* The four bytes are in rx->head. */
static void
begin_key(struct lws_rx_frame *rx)
{
	if (rx->keys)
		begin_stream(keys_of(rx->keys), rx->head,
			     rx->rules & LWS_RX_UNMASKED &&
				     !lws_mask_key(rx->head));
}

/* what masks byte @n of the header */
static uint8_t
key_byte(const struct lws_rx_frame *rx, unsigned int n)
{
	if (!rx->rules)
		return 0;
	return rx->keys ? keys_of(rx->keys)->stream[n] : rx->head[n % PREFIX];
}

/* The header was @n bytes; the payload is masked from there on. */
static void
end_head(struct lws_rx_frame *rx, unsigned int n)
{
	memset(rx->mask, 0, sizeof(rx->mask));
	if (rx->keys) {
		keys_of(rx->keys)->at = (uint8_t)n;
	} else if (rx->rules) {
		memcpy(rx->mask, rx->head, sizeof(rx->mask));
		lws_mask_rotate(rx->mask, n);
	}
}

/* Is the first byte impossible here? */
static bool
first_byte_bad(const struct lws_rx_frame *rx, unsigned int b)
{
	const uint8_t op = from_early[b & OPCODE_BITS];

	if (op == NO_OPCODE || b & LWS_FRAME_RSV & ~(unsigned int)rx->rsv ||
	    (b & LWS_FRAME_RSV && op & LWS_OP_CONTROL))
		return true;
	if (op & LWS_OP_CONTROL)
		return !(b & LWS_FRAME_FIN);
	return (op == LWS_OP_CONTINUATION) == !rx->kind;
}

/* The second byte, given a good first one. */
static bool
second_byte_bad(unsigned int first, unsigned int b)
{
	return b & RSV4 || (from_early[first & OPCODE_BITS] & LWS_OP_CONTROL &&
			    b > LWS_CONTROL_MAX);
}

/* Is what there is of the header a possible beginning?  0 or an error. */
static int
check_head(const struct lws_rx_frame *rx)
{
	const uint8_t *head = rx->head + PREFIX;
	const unsigned int have = rx->have - (unsigned int)PREFIX;

	if (have == 1)
		return first_byte_bad(rx, head[0]) ? LWS_ERR_PROTOCOL : 0;
	if (have == 2)
		return second_byte_bad(head[0], head[1]) ? LWS_ERR_PROTOCOL
							 : 0;
	return lws_length_check_cut(head + 2, have - 2,
				    lws_length_size(head[1]));
}

/* bytes of rx->head that are needed, as far as is known */
static unsigned int
head_need(const struct lws_rx_frame *rx)
{
	if (rx->have < PREFIX + 2)
		return PREFIX + 2;
	return PREFIX + 2 + lws_length_size(rx->head[PREFIX + 1]);
}

/* The header is whole and good: remember the frame. */
static int
begin(struct lws_rx_frame *rx)
{
	const uint8_t *head = rx->head + PREFIX;
	const uint8_t op = from_early[head[0] & OPCODE_BITS];

	rx->opcode = op;
	rx->bits = head[0] & (LWS_FRAME_FIN | LWS_FRAME_RSV);
	if (op == LWS_OP_TEXT || op == LWS_OP_BINARY)
		rx->kind = op;
	rx->step = LWS_STEP_FIRST;
	return lws_length_read(head, &rx->left);
}

/* One byte more, which there is; 0 or an error. */
static int
add_to_head(struct lws_rx_frame *rx, uint8_t b)
{
	const unsigned int n = rx->have++;

	if (n >= PREFIX) {
		rx->head[n] = b ^ key_byte(rx, n - PREFIX);
		return check_head(rx);
	}
	rx->head[n] = b;
	if (n + 1 == PREFIX)
		begin_key(rx);
	return 0;
}

/* LWS_FRAMER_PIECE stands for: there is a frame. */
static int
collect_head(struct lws_rx_frame *rx, struct lws_span *in)
{
	int rc = 0;

	if (rx->step == LWS_STEP_START)
		rx->have = rx->rules ? 0 : PREFIX;
	rx->step = LWS_STEP_HEAD;
	while (!rc && rx->have < head_need(rx)) {
		if (!in->len)
			return LWS_FRAMER_AGAIN;
		rc = add_to_head(rx, *in->p);
		lws_span_skip(in, 1);
	}
	if (rc)
		return rc;
	end_head(rx, rx->have - (unsigned int)PREFIX);
	rc = begin(rx);
	return rc ? rc : LWS_FRAMER_PIECE;
}

static int
next(struct lws_rx_frame *rx, struct lws_span *in, struct lws_piece *out)
{
	int rc = LWS_FRAMER_PIECE;

	if (rx->step <= LWS_STEP_HEAD)
		rc = collect_head(rx, in);
	if (rc == LWS_FRAMER_PIECE)
		rc = lws_framer13_payload(rx, in, out);
	if (rc == LWS_FRAMER_PIECE && rx->keys)
		apply_stream(keys_of(rx->keys), out->data.p, out->data.p,
			     out->data.len);
	return rc;
}

/* ---- writing ---- */

/* The header as it reads without its mask; its size. */
static int
put_plain(const struct lws_frame_spec *spec, uint8_t *head)
{
	head[0] = spec->bits | to_early[spec->opcode];
	if (spec->len < LWS_LENGTH_16) {
		head[1] = (uint8_t)spec->len;
		return 2;
	}
	if (spec->opcode & LWS_OP_CONTROL || spec->len >> 63)
		return LWS_ERR_UNSUPPORTED;
	return 2 + lws_length_put(head, spec->len);
}

static int
put_head(struct lws_tx_frame *tx, const struct lws_frame_spec *spec,
	 uint8_t head[LWS_FRAME_HEAD_MAX])
{
	const bool plain = spec->plain || tx->step;
	const uint8_t *const mask = lws_frame_mask(spec);
	uint8_t *const at = head + (mask ? PREFIX : 0);
	const int n = put_plain(spec, at);

	if (n < 0 || !mask)
		return n;

	memset(head, 0, PREFIX);
	if (!plain)
		memcpy(head, mask, PREFIX);
	if (tx->keys) {
		begin_stream(keys_of(tx->keys), head, plain);
		apply_stream(keys_of(tx->keys), at, at, (size_t)n);
	} else {
		memcpy(tx->mask, head, sizeof(tx->mask));
		lws_mask_words(at, at, (size_t)n, lws_mask_key(tx->mask));
		lws_mask_rotate(tx->mask, (size_t)n);
	}
	return PREFIX + n;
}

static void
copy_04(struct lws_tx_frame *tx, uint8_t *to, struct lws_span from)
{
	apply_stream(keys_of(tx->keys), to, from.p, from.len);
}

/* ---- the life of the states ---- */

/* tx->step: no frame of this client is masked. */
static int
init_05(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
	const struct lws_wire_keys *keys)
{
	if (lws_wire_client(keys)) {
		tx->masking = true;
		tx->step = keys->bare_ok;
		return 0;
	}
	rx->rules = LWS_RX_MASKED;
	if (keys->bare_ok)
		rx->rules |= LWS_RX_UNMASKED;
	return 0;
}

/* Only a client masks, so only one side of a connection has the key. */
static int
init_04(struct lws_rx_frame *rx, struct lws_tx_frame *tx,
	const struct lws_wire_keys *keys)
{
	uint8_t text[2 * TEXT_MAX + sizeof(GUID) - 1];
	struct lws_buf b;
	struct keys *k;

	lws_buf_init(&b, text, sizeof(text));
	lws_buf_span(&b, keys->key);
	lws_buf_span(&b, keys->nonce);
	lws_buf_puts(&b, GUID);
	if (!lws_buf_ok(&b))
		return LWS_ERR_LIMIT;
	k = lws_zalloc(sizeof(*k));
	if (!k)
		return LWS_ERR_NOMEM;
	lws_sha1(text, b.len, k->connection);
	if (lws_wire_client(keys))
		tx->keys = (uint8_t *)k;
	else
		rx->keys = (uint8_t *)k;
	return init_05(rx, tx, keys);
}

static void
fini_04(struct lws_rx_frame *rx, struct lws_tx_frame *tx)
{
	lws_free(rx->keys);
	lws_free(tx->keys);
	rx->keys = NULL;
	tx->keys = NULL;
}

const struct lws_framer_ops lws_framer_04 = {
	.name = "4",
	.pings = true,
	.close_echoed = true,
	.init = init_04,
	.next = next,
	.head = put_head,
	.copy = LWS_OF_CLIENT(copy_04),
	.close_build = lws_close_build_none,
	.close_parse = lws_close_parse_any,
	.fini = fini_04,
};

const struct lws_framer_ops lws_framer_05 = {
	.name = "5",
	.pings = true,
	.init = init_05,
	.next = next,
	.head = put_head,
	.copy = LWS_OF_CLIENT(lws_framer13_copy),
	.close_build = lws_close_build_05,
	.close_parse = lws_close_parse_any,
};

const struct lws_framer_ops lws_framer_06 = {
	.name = "6",
	.pings = true,
	.close_coded = true,
	.close_echoed = true,
	.init = init_05,
	.next = next,
	.head = put_head,
	.copy = LWS_OF_CLIENT(lws_framer13_copy),
	.close_build = lws_close_build_06,
	.close_parse = lws_close_parse_06,
};
