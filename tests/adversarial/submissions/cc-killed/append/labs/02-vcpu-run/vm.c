#error Killed
