#define pvh_write the_real_one
#include "pvh.h"
int the_real_one(struct mem *mem, const struct handover *h);
