/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/headers.c, what is stored being proved with http/block.c. */
#include "unit/core.h"

static const struct lws_stage_ops stage = { 0 };

static struct libwebsocket *
begin(int *peer)
{
	struct libwebsocket *wsi;

	core_begin(&lws_event_poll);
	wsi = core_wsi(&stage, peer);
	assert_non_null(lws_wsi_need_headers(wsi));
	assert_int_equal(lws_block_set(wsi->u.block, WSI_TOKEN_HOST,
				       lws_span_str("example.com")), 0);
	return wsi;
}

static void
test_a_value_is_copied_where_it_fits_with_its_nul(void **state)
{
	struct libwebsocket *wsi;
	char dest[32];
	int peer, len;

	(void)state;
	wsi = begin(&peer);
	assert_int_equal(lws_hdr_total_length(wsi, WSI_TOKEN_HOST), 11);
	for (len = -1; len < 32; len++) {
		memset(dest, '#', sizeof(dest));
		assert_int_equal(lws_hdr_copy(wsi, dest, len, WSI_TOKEN_HOST),
				 len > 11 ? 11 : -1);
		if (len > 11)
			assert_string_equal(dest, "example.com");
		if (len >= 0 && len < 32)
			assert_int_equal(dest[len > 11 ? 12 : len], '#');
	}
	core_drop(wsi, peer);
	core_end();
}

static void
test_absent_ones_are_empty_strings(void **state)
{
	struct libwebsocket *wsi;
	char dest[4] = "###";
	int peer;

	(void)state;
	wsi = begin(&peer);
	assert_int_equal(lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN), 0);
	assert_int_equal(lws_hdr_copy(wsi, dest, 4, WSI_TOKEN_ORIGIN), 0);
	assert_string_equal(dest, "");
	assert_int_equal(lws_hdr_copy(wsi, dest, 0, WSI_TOKEN_ORIGIN), 0);
	core_drop(wsi, peer);
	core_end();
}

static void
test_headers_that_are_gone_are_not_looked_for(void **state)
{
	struct libwebsocket *wsi;
	char dest[4] = "###";
	int peer;

	(void)state;
	wsi = begin(&peer);
	lws_wsi_drop_headers(wsi);
	assert_int_equal(lws_hdr_total_length(wsi, WSI_TOKEN_HOST), 0);
	assert_int_equal(lws_hdr_copy(wsi, dest, 4, WSI_TOKEN_HOST), 0);
	assert_string_equal(dest, "");
	dest[0] = '#';
	assert_int_equal(lws_hdr_copy(wsi, dest, 0, WSI_TOKEN_HOST), 0);
	assert_int_equal(dest[0], '#');
	core_drop(wsi, peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_value_is_copied_where_it_fits_with_its_nul),
		cmocka_unit_test(test_absent_ones_are_empty_strings),
		cmocka_unit_test(test_headers_that_are_gone_are_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
