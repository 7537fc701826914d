// Package manual reads the manual pages of all applications and functions: each has
// one, and what an example prints is what the page says that it prints.
package manual
