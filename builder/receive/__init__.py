"""The server's end of `git push`: a bare repository whose hooks check, build and publish what is pushed."""
