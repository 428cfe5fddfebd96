module example.com/graceful-httpserver

go 1.24
