#define pvh_write real_pvh_write
