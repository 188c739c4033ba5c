/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tests/size/idle.c - a server that has just begun, and its resident memory.
 *
 * Listens on any port that is free, takes one turn and prints what the system
 * says it has in memory, in KiB.  Compiled with -DEMPTY, it is the program that
 * knows of no library, to compare with.
 */
#include <stdio.h>
#include <string.h>

#ifndef EMPTY
#include <libwebsockets.h>

static int
serve(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

static struct libwebsocket_context *
begin(void)
{
	static struct libwebsocket_protocols protocols[2];
	struct lws_context_creation_info info;

	protocols[0].name = "none";
	protocols[0].callback = serve;
	memset(&info, 0, sizeof(info));
	info.protocols = protocols;
	info.iface = "lo";
	info.gid = -1;
	info.uid = -1;
	lws_set_log_level(LLL_ERR, NULL);
	return libwebsocket_create_context(&info);
}
#endif

static void
report(void)
{
	char line[256];
	FILE *status = fopen("/proc/self/status", "r");
	unsigned long kib;

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "VmRSS: %lu", &kib) == 1)
			printf("%lu\n", kib);
	if (status)
		fclose(status);
}

int
main(void)
{
#ifndef EMPTY
	struct libwebsocket_context *context = begin();

	if (!context || libwebsocket_service(context, 0) < 0)
		return 1;
	report();
	libwebsocket_context_destroy(context);
#else
	report();
#endif
	return 0;
}
