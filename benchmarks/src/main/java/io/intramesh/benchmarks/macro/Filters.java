package io.intramesh.benchmarks.macro;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.apache.catalina.Context;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** Filters of embedded Tomcats. */
public final class Filters {
    private Filters() {}

    /** Puts a filter in front of all that a web application serves. */
    public static void add(Context context, Filter filter) {
        FilterDef definition = new FilterDef();
        definition.setFilterName("mesh");
        definition.setFilter(filter);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName("mesh");
        map.addURLPattern("/*");
        map.setDispatcher(DispatcherType.REQUEST.name());
        context.addFilterMap(map);
    }
}
