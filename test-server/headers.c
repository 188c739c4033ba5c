/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * headers.c - shows the headers of a request.
 *
 * They are readable only while the request is being looked at, and a value may
 * be as long as the library lets it be: it is fetched whole and cut for show.
 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

#define SHOWN_AT_MOST 255

/* "host:" is shown as host, "get " as get; nothing for the line's end */
static int
name_length(const char *name)
{
	return (int)strcspn(name, ": \r\n");
}

static void
print_header(const char *name, struct libwebsocket *wsi,
	     enum lws_token_indexes token, int len)
{
	char *value = malloc((size_t)len + 1);

	if (!value)
		return;
	if (lws_hdr_copy(wsi, value, len + 1, token) > 0)
		fprintf(stderr, "    %.*s = %.*s\n", name_length(name), name,
			SHOWN_AT_MOST, printable(value));
	free(value);
}

void
print_headers(struct libwebsocket *wsi)
{
	enum lws_token_indexes token;
	const char *name;
	int len;

	for (token = WSI_TOKEN_GET_URI; token < WSI_TOKEN_COUNT; token++) {
		len = lws_hdr_total_length(wsi, token);
		if (len <= 0)
			continue;
		name = (const char *)lws_token_to_string(token);
		if (token == WSI_TOKEN_HTTP_URI_ARGS)
			name = "arguments";
		if (name && name_length(name))
			print_header(name, wsi, token, len);
	}
}
