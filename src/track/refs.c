/* stub */
#include "config.h"
#include "track/scan.h"
static bool refs_suits(const struct tracker *t, const struct mapping *m)
{
	(void)t;
	(void)m;
	return false;
}
const struct tracker_ops tracker_refs = {
	.name = "refs", .method = METHOD_REFS, .suits = refs_suits, .survey = scan_survey
};
