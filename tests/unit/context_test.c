/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of context.c: how many protocols a context takes, whatever this build
 * was given for LWS_MAX_PROTOCOLS, and whether it takes several threads.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "base/limits.h"
#include "plat/plat.h"

static struct libwebsocket_protocols *protocols;
static char (*names)[24];
static unsigned inits, destroys, threads;
static char complaint[200];

static int
callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	 enum libwebsocket_callback_reasons reason, void *user, void *in,
	 size_t len)
{
	(void)context;
	(void)wsi;
	(void)user;
	(void)in;
	(void)len;
	inits += reason == LWS_CALLBACK_PROTOCOL_INIT;
	destroys += reason == LWS_CALLBACK_PROTOCOL_DESTROY;
	return 0;
}

static void
note(int level, const char *line)
{
	(void)level;
	snprintf(complaint, sizeof(complaint), "%s", line);
}

/* A context of @count protocols that does not listen. */
static struct libwebsocket_context *
create(size_t count)
{
	struct lws_context_creation_info info;
	size_t n;

	protocols = calloc(count + 1, sizeof(*protocols));
	names = calloc(count + 1, sizeof(*names));
	assert_non_null(protocols);
	assert_non_null(names);
	for (n = 0; n < count; n++) {
		snprintf(names[n], sizeof(names[n]), "p%zu", n);
		protocols[n].name = names[n];
		protocols[n].callback = callback;
	}
	inits = destroys = 0;
	complaint[0] = '\0';
	lws_set_log_level(LLL_ERR, note);
	memset(&info, 0, sizeof(info));
	info.port = CONTEXT_PORT_NO_LISTEN;
	info.protocols = protocols;
	info.count_threads = threads;
	info.uid = info.gid = -1;
	return libwebsocket_create_context(&info);
}

static void
forget(void)
{
	free(protocols);
	free(names);
	assert_int_equal(unit_blocks, 0);
}

static void
test_as_many_protocols_as_the_build_allows_are_taken(void **state)
{
	struct libwebsocket_context *context;
	int n;

	(void)state;
	unit_allow(-1);
	context = create(LWS_MAX_PROTOCOLS);
	assert_non_null(context);
	assert_string_equal(complaint, "");
	assert_int_equal(inits, LWS_MAX_PROTOCOLS);
	for (n = 0; n < LWS_MAX_PROTOCOLS; n++) {
		assert_int_equal(protocols[n].protocol_index, n);
		assert_ptr_equal(protocols[n].owning_server, context);
	}
	libwebsocket_callback_on_writable_all_protocol(
		&protocols[LWS_MAX_PROTOCOLS - 1]);
	assert_true(libwebsocket_service(context, 0) >= 0);
	libwebsocket_context_destroy(context);
	assert_int_equal(destroys, LWS_MAX_PROTOCOLS);
	forget();
}

static void
test_one_more_is_refused_and_the_line_says_what_to_change(void **state)
{
	char want[100];

	(void)state;
	unit_allow(-1);
	assert_null(create((size_t)LWS_MAX_PROTOCOLS + 1));
	snprintf(want, sizeof(want),
		 "%ld protocols, but LWS_MAX_PROTOCOLS is %ld",
		 LWS_MAX_PROTOCOLS + 1L, (long)LWS_MAX_PROTOCOLS);
	assert_non_null(strstr(complaint, want));
	assert_int_equal(inits + destroys, 0);
	forget();
}

static void
test_none_is_refused(void **state)
{
	(void)state;
	unit_allow(-1);
	assert_null(create(0));
	assert_non_null(strstr(complaint, "no entry"));
	forget();
}

static void
test_several_threads_are_refused_by_a_build_without(void **state)
{
	struct libwebsocket_context *context;

	(void)state;
	unit_allow(-1);
	threads = 2;
	context = create(1);
	threads = 0;
	if (lws_plat_has_threads())
		assert_non_null(context);
	else
		assert_non_null(strstr(complaint, "--without-threads"));
	libwebsocket_context_destroy(context);
	assert_int_equal(inits, destroys);
	assert_int_equal(inits, lws_plat_has_threads());
	forget();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_as_many_protocols_as_the_build_allows_are_taken),
		cmocka_unit_test(
			test_one_more_is_refused_and_the_line_says_what_to_change),
		cmocka_unit_test(test_none_is_refused),
		cmocka_unit_test(
			test_several_threads_are_refused_by_a_build_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
