/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/headers.c - what the user may ask of a header block, either role.
 */
#include "core/wsi.h"

LWS_VISIBLE int
lws_hdr_total_length(struct libwebsocket *wsi, enum lws_token_indexes h)
{
	const struct lws_block *b = lws_wsi_headers(wsi);

	return b ? (int)lws_block_length(b, h) : 0;
}

LWS_VISIBLE int
lws_hdr_copy(struct libwebsocket *wsi, char *dest, int len,
	     enum lws_token_indexes h)
{
	const struct lws_block *b = lws_wsi_headers(wsi);

	if (len <= 0)
		return lws_hdr_total_length(wsi, h) ? -1 : 0;
	if (b)
		return lws_block_copy(b, h, dest, (size_t)len);
	dest[0] = '\0';
	return 0;
}
