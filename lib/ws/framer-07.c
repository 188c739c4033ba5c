/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/framer-07.c - versions 7 and 8 (hybi-07, hybi-08 to -12).
 *
 * Their frames are those of RFC 6455; what a Close may say is not, and only
 * hybi-10 began to insist on UTF-8.  It is insisted on in all of 8.
 */
#include "ws/framer-13.h"

#include "ws/close.h"

const struct lws_framer_ops lws_framer_08 = {
	.name = "8",
	.short_form = true,
	.check_text = true,
	.pings = true,
	.close_coded = true,
	.close_echoed = true,
	.init = lws_framer13_init,
	.next = lws_framer13_next,
	.head = lws_framer13_head,
	.copy = LWS_OF_CLIENT(lws_framer13_copy),
	.close_build = lws_close_build_08,
	.close_parse = lws_close_parse_08,
};

const struct lws_framer_ops lws_framer_07 = {
	.name = "7",
	.short_form = true,
	.pings = true,
	.close_coded = true,
	.close_echoed = true,
	.init = lws_framer13_init,
	.next = lws_framer13_next,
	.head = lws_framer13_head,
	.copy = LWS_OF_CLIENT(lws_framer13_copy),
	.close_build = lws_close_build_06,
	.close_parse = lws_close_parse_06,
};
