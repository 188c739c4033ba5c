/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-trust-none.c. */
#include "unit/trust_contract.h"

static void
test_whom_the_system_trusts_is_nobody_to_this_build(void **state)
{
	(void)state;
	try_stores(false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_whom_the_system_trusts_is_nobody_to_this_build),
	};

	return cmocka_run_group_tests(tests, make_stores, unit_drop_certs);
}
