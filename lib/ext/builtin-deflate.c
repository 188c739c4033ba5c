/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ext/builtin-deflate.c - the built-in extensions, all of them, in the
 * order of preference.
 */
#include "ext/builtin.h"

LWS_BUILTIN_CALLBACK(permessage)
LWS_BUILTIN_CALLBACK(webkit_frame)
LWS_BUILTIN_CALLBACK(frame)
LWS_BUILTIN_CALLBACK(stream)

static const struct lws_builtin builtin[] = {
	{ permessage, &lws_ext_permessage_deflate },
	{ webkit_frame, &lws_ext_webkit_deflate_frame },
	{ frame, &lws_ext_deflate_frame },
	{ stream, &lws_ext_deflate_stream },
};

LWS_VISIBLE struct libwebsocket_extension libwebsocket_internal_extensions[] = {
	{ "permessage-deflate", permessage, 0, NULL },
	{ "x-webkit-deflate-frame", webkit_frame, 0, NULL },
	{ "deflate-frame", frame, 0, NULL },
	{ "deflate-stream", stream, 0, NULL },
	{ NULL, NULL, 0, NULL },
};

struct libwebsocket_extension *
libwebsocket_get_internal_extensions(void)
{
	return libwebsocket_internal_extensions;
}

const struct lws_ext_ops *
lws_ext_builtin(const struct libwebsocket_extension *ext)
{
	return lws_builtin_find(builtin, sizeof(builtin) / sizeof(builtin[0]),
				ext->callback);
}
