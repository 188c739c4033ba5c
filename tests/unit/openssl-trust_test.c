/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-trust.c. */
#include "unit/trust_contract.h"

static void
test_whom_the_system_trusts_is_trusted_unless_disabled(void **state)
{
	(void)state;
	try_stores(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_whom_the_system_trusts_is_trusted_unless_disabled),
	};

	return cmocka_run_group_tests(tests, make_stores, unit_drop_certs);
}
