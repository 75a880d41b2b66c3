package io.intramesh.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContainerInitializer;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** An application whose paths are handled by what a test puts there, behind filters. It answers 404 elsewhere. */
final class TestApplication implements ServletContainerInitializer {
    private final List<Filter> filters;
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();

    TestApplication(List<Filter> filters) {
        this.filters = List.copyOf(filters);
    }

    void on(String path, Handler handler) {
        handlers.put(path, handler);
    }

    /** Maps every filter to every dispatch, which is the most that somebody could do wrong. */
    @Override
    public void onStartup(Set<Class<?>> classes, ServletContext context) {
        for (int i = 0; i < filters.size(); i++) {
            FilterRegistration.Dynamic filter = context.addFilter("filter-" + i, filters.get(i));
            filter.setAsyncSupported(true);
            filter.addMappingForUrlPatterns(EnumSet.allOf(DispatcherType.class), true, "/*");
        }
        ServletRegistration.Dynamic servlet = context.addServlet("application", new Dispatcher());
        servlet.setAsyncSupported(true);
        servlet.addMapping("/");
    }

    /** What a path does. */
    interface Handler {
        void handle(HttpServletRequest request, HttpServletResponse response) throws Exception;
    }

    private final class Dispatcher extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            // An included request keeps its own path, and has that of the target beside it.
            Object included = request.getAttribute(RequestDispatcher.INCLUDE_SERVLET_PATH);
            String path = included == null ? request.getServletPath() : included.toString();
            Handler handler = handlers.get(path);
            if (handler == null) {
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
                return;
            }
            try {
                handler.handle(request, response);
            } catch (IOException | ServletException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new ServletException(e);
            }
        }
    }
}
