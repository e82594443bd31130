/* SPDX-License-Identifier: MIT */
#ifndef VERDICT_H
#define VERDICT_H

/* What the handling of one exit comes to. All but V_RESUME end the run. */
enum verdict {
	V_RESUME,  /* enter the guest again */
	V_HALTED,  /* the guest halted for good */
	V_EXIT,	   /* the guest asked to leave, through port 0xf4 */
	V_DEAD,	   /* the guest did what no CPU can go on from */
	V_TIMEOUT, /* the time limit is over */
	V_LEFT,	   /* the user has left: lab 04, Ctrl-A x */
	V_OFF,	   /* the guest has powered its machine off: lab 06 */
	V_RESET,   /* the guest has reset its machine: lab 06 */
	V_ERROR,   /* the VMM itself cannot go on */
};

#endif
