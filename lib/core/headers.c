/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/headers.c - what the user may ask of a header block, either role.
 */
#include "core/wsi.h"

LWS_VISIBLE int
lws_hdr_total_length(struct libwebsocket *wsi, enum lws_token_indexes h)
{
	return wsi->block ? (int)lws_block_length(wsi->block, h) : 0;
}

LWS_VISIBLE int
lws_hdr_copy(struct libwebsocket *wsi, char *dest, int len,
	     enum lws_token_indexes h)
{
	if (len <= 0)
		return lws_hdr_total_length(wsi, h) ? -1 : 0;
	if (wsi->block)
		return lws_block_copy(wsi->block, h, dest, (size_t)len);
	dest[0] = '\0';
	return 0;
}
