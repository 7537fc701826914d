// Package cdr makes the call records: which there are, what is in them, and when they are complete.
package cdr
