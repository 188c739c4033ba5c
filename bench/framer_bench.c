/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer_bench.c - what a frame costs a server: reading a masked one that lies
 * whole in its input, and writing the header of one.
 */
#include <stddef.h>
#include <string.h>

#include "ws/framer.h"

#include "bench.h"

static struct lws_rx_frame rx;
static struct lws_tx_frame tx;
static uint8_t wire[65536 + LWS_FRAME_HEAD_MAX];
static int failed;

static void
read_frame(const void *arg)
{
	struct lws_span in = lws_span(wire, *(const size_t *)arg);
	struct lws_piece piece;

	/* each time unmasks what the time before has masked */
	if (lws_framer_13.next(&rx, &in, &piece) != LWS_FRAMER_PIECE || in.len)
		failed = 1;
}

static void
write_head(const void *arg)
{
	const struct lws_frame_spec spec = {
		*(const size_t *)arg, NULL, LWS_OP_BINARY, LWS_FRAME_FIN, false
	};
	uint8_t head[LWS_FRAME_HEAD_MAX];

	if (lws_framer_13.head(&tx, &spec, head) < 0)
		failed = 1;
}

int
main(void)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	static const size_t lengths[] = { 20, 125, 1024, 16384, 65535 };
	static const struct lws_wire_keys keys;
	struct lws_frame_spec spec = { 0, mask, LWS_OP_BINARY, LWS_FRAME_FIN,
				       false };
	size_t n, len;

	lws_framer_13.init(&rx, &tx, &keys);
	printf("framer");
	for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
		spec.len = lengths[n];
		len = (size_t)lws_framer_13.head(&tx, &spec, wire) +
		      lengths[n];
		bench_tell("next ", lengths[n], bench_ns(read_frame, &len));
	}
	for (n = 0; n < 3; n++)
		printf("  head %zu B %.1f ns", lengths[n],
		       bench_ns(write_head, &lengths[n]));
	printf("\n");
	return failed;
}
