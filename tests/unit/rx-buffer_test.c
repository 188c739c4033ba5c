/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/rx.c: LWS_RX_BUFFER, whatever this build was given for it. */
#include "unit/core.h"

#include <sys/ioctl.h>

#include "base/limits.h"

static size_t offered;

static int
take_all(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	offered = in->len;
	lws_span_skip(in, in->len);
	return 0;
}

static const struct lws_stage_ops stage = { .rx = take_all };

static void
test_a_read_takes_what_the_buffer_holds(void **state)
{
	static uint8_t data[30000];
	struct libwebsocket *wsi;
	int peer, waits = 0;

	(void)state;
	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, &peer);
	assert_int_equal(send(peer, data, sizeof(data), 0), sizeof(data));
	while (waits < (int)sizeof(data))
		assert_int_equal(ioctl(wsi->stream.fd, FIONREAD, &waits), 0);
	assert_int_equal(lws_rx_ready(wsi), 0);
	assert_int_equal(offered, sizeof(data) < LWS_RX_BUFFER ?
					  sizeof(data) : LWS_RX_BUFFER);
	lws_wsi_bury_later(wsi);
	close(peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_read_takes_what_the_buffer_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
